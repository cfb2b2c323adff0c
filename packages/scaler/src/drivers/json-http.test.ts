import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { JsonHttp } from './json-http.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** Answers with what it was asked; `/text` with no JSON, `/hang` never. */
function listen(at: number | string): Promise<void> {
  server = createServer(async (request, response) => {
    if (request.url === '/hang') return;
    if (request.url === '/text') return response.writeHead(500).end('page not found');
    if (request.url === '/empty') return response.writeHead(204).end();
    let sent = '';
    for await (const part of request) sent += String(part);
    const { method, url, headers } = request;
    return response.end(
      JSON.stringify({ method, url, type: headers['content-type'], auth: headers.authorization, sent }),
    );
  });
  return new Promise((resolve) => server?.listen(at, resolve));
}

function portOf(): number {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const live = () => AbortSignal.timeout(5_000);

it('asks over TCP with the headers of the moment, and sends JSON', async () => {
  await listen(0);
  let token = 0;
  const http = new JsonHttp({
    platform: 'test',
    baseUrl: `http://127.0.0.1:${portOf()}/`,
    headers: () => ({ authorization: `Bearer ${++token}` }),
  });
  await http.call({ path: '/a?b=c' }, live());
  const { body } = await http.call(
    { method: 'PATCH', path: '/a', body: { replicas: 3 }, contentType: 'application/merge-patch+json' },
    live(),
  );
  expect(body).toEqual({
    method: 'PATCH',
    url: '/a',
    type: 'application/merge-patch+json',
    auth: 'Bearer 2',
    sent: '{"replicas":3}',
  });
  await http.close();
});

it('asks over a unix socket', async () => {
  const path = join(tmpdir(), `forebay-${process.pid}.sock`);
  await listen(path);
  const http = new JsonHttp({ platform: 'test', baseUrl: `unix://${path}` });
  expect((await http.call({ path: '/v1' }, live())).body).toMatchObject({ method: 'GET', url: '/v1' });
  await http.close();
});

it('hands every status over, with the text where it is no JSON', async () => {
  await listen(0);
  const http = new JsonHttp({ platform: 'test', baseUrl: `http://127.0.0.1:${portOf()}` });
  expect(await http.call({ path: '/text' }, live())).toEqual({ status: 500, body: 'page not found' });
  expect(await http.call({ path: '/empty' }, live())).toEqual({ status: 204, body: undefined });
  await http.close();
});

it('says which call got no answer', async () => {
  await listen(0);
  const http = new JsonHttp({ platform: 'Docker Engine', baseUrl: `http://127.0.0.1:${portOf()}` });
  await expect(http.call({ path: '/hang' }, AbortSignal.timeout(50))).rejects.toMatchObject({
    code: 'SCALER_DRIVER_FAILED',
    retryable: true,
    message: expect.stringMatching(/^Docker Engine: GET \/hang: .*timeout/) as string,
  });
  server?.close();
  server?.closeAllConnections();
  await expect(http.call({ path: '/' }, live())).rejects.toMatchObject({ code: 'SCALER_DRIVER_FAILED' });
  await http.close();
});
