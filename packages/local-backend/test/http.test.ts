import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type App, createApp } from '../src/app/app.ts';
import { systemClock } from '../src/clock.ts';
import type { Embedder } from '../src/model/embedder.ts';
import { JobQueue } from '../src/queue/job-queue.ts';

/** Answers with the texts' lengths; a text "hold" waits until `release()`. */
function fakeWorker() {
  const held: (() => void)[] = [];
  const seen: string[] = [];
  const worker: Embedder = {
    async embed({ texts, flat }) {
      seen.push(...texts);
      if (texts.includes('hold')) await new Promise<void>((resolve) => held.push(resolve));
      const vectors = texts.map((text) => [text.length]);
      return Buffer.from(JSON.stringify(flat ? vectors[0] : vectors));
    },
  };
  const release = () => {
    for (const resolve of held.splice(0)) resolve();
  };
  return { worker, seen, release };
}

interface Served extends ReturnType<typeof fakeWorker> {
  readonly app: App;
  readonly port: number;
  readonly queue: JobQueue;
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start({
  workers = 1,
  maxQueuedRequests = 10,
  maxRequestBytes = 10_000,
} = {}): Promise<Served> {
  const queue = new JobQueue(maxQueuedRequests);
  const fake = fakeWorker();
  if (workers > 0) queue.add(fake.worker);
  const app = createApp({
    queue,
    clock: systemClock,
    host: '127.0.0.1',
    port: 0,
    maxRequestBytes,
    maxQueuedRequests,
    maxWorkers: workers,
    maxRunTexts: 16,
    startedAt: '2026-01-01T00:00:00.000Z',
  });
  const { port } = await app.listen();
  closing.push(async () => {
    fake.release();
    await app.stop(0);
  });
  return { ...fake, app, port, queue };
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const PREDICT = '/predictions/all-MiniLM-L6-v2';

async function send(port: number, sent: Sent = {}) {
  const { method = 'POST', path = PREDICT, headers = JSON_TYPE, body = '"text"', agent } = sent;
  const outgoing = request({ port, host: '127.0.0.1', method, path, headers, ...(agent && { agent }) });
  outgoing.end(method === 'GET' ? undefined : body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]; // what this event carries
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return {
    status: response.statusCode,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

it.each([
  ['a string', PREDICT, '{"inputs": "four"}', [4]],
  ['an array of one', PREDICT, '{"inputs": ["four"]}', [[4]]],
  ['a bare string', PREDICT, '"four"', [4]],
  ['a bare array', PREDICT, '["four", "", "a"]', [[4], [0], [1]]],
  ['the version', `${PREDICT}/0.0.1`, '"a"', [1]],
  ['/models/{model}/invoke', '/models/all-MiniLM-L6-v2/invoke', '"a"', [1]],
  ['/invocations', '/invocations', '"a"', [1]],
  ['/invocations with a name', '/invocations?model_name=all-MiniLM-L6-v2', '"a"', [1]],
])('answers %s', async (_, path, body, expected) => {
  const { port } = await start();
  expect(await send(port, { path, body })).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'application/json',
      'content-length': String(JSON.stringify(expected).length),
    },
    body: expected,
  });
});

it.each<[string, Sent, number, string]>([
  ['broken JSON', { body: '{"inputs": [' }, 400, 'TranslateException'],
  ['no inputs', { body: '{}' }, 400, 'TranslateException'],
  ['an item that is no text', { body: '[1]' }, 400, 'TranslateException'],
  ['an empty list', { body: '[]' }, 400, 'TranslateException'],
  ['no body', { body: '' }, 400, 'TranslateException'],
  ['an unknown model', { path: '/predictions/other' }, 404, 'ModelNotFoundException'],
  ['an unknown version', { path: `${PREDICT}/7` }, 404, 'ModelNotFoundException'],
  [
    'an unknown model by header',
    { path: '/invocations', headers: { ...JSON_TYPE, model_name: 'x' } },
    404,
    'ModelNotFoundException',
  ],
  ['an unknown route', { path: '/nowhere' }, 404, 'ResourceNotFoundException'],
  ['an unknown method', { method: 'PUT' }, 405, 'MethodNotAllowedException'],
  ['a GET', { method: 'GET' }, 405, 'MethodNotAllowedException'],
  ['a body that is too large', { body: `"${'x'.repeat(20_000)}"` }, 413, 'PayloadTooLargeException'],
  [
    'a form',
    { headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    'UnsupportedMediaTypeException',
  ],
  ['no type', { headers: {} }, 415, 'UnsupportedMediaTypeException'],
  [
    'a packed body',
    { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' } },
    415,
    'UnsupportedMediaTypeException',
  ],
])('refuses %s and keeps the connection', async (_, sent, code, type) => {
  const { port } = await start();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set<unknown>();
  agent.on('free', (socket) => sockets.add(socket));
  const refused = await send(port, { ...sent, agent });
  expect(refused).toMatchObject({ status: code, body: { code, type, message: expect.stringMatching(/\w/) } });
  expect((await send(port, { agent })).status).toBe(200);
  expect(sockets.size).toBe(1);
  agent.destroy();
});

it('names what a route takes in the allow header', async () => {
  const { port } = await start();
  expect((await send(port, { method: 'PUT', path: '/models/all-MiniLM-L6-v2' })).headers.allow).toBe(
    'GET, HEAD',
  );
});

it('refuses a chunked body that is too large', async () => {
  const { port } = await start();
  const headers = { ...JSON_TYPE, 'transfer-encoding': 'chunked' };
  expect((await send(port, { headers, body: `"${'x'.repeat(200_000)}"` })).status).toBe(413);
});

it('answers what is not HTTP with 400 before it closes', async () => {
  const { port } = await start();
  const socket = connect(port, '127.0.0.1');
  socket.write('HELLO\r\n\r\n');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toMatch(
    /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*"type":"BadRequestException"/,
  );
});

it('echoes a request id, also with an error, or makes one', async () => {
  const { port } = await start();
  const headers = { ...JSON_TYPE, 'x-request-id': 'job-17' };
  expect((await send(port, { headers })).headers['x-request-id']).toBe('job-17');
  expect((await send(port, { headers, path: '/nowhere' })).headers['x-request-id']).toBe('job-17');
  expect((await send(port)).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
});

it('tells its health, its models and its queue', async () => {
  const { port, queue, release } = await start();
  const running = send(port, { body: '"hold"' });
  const waiting = send(port);
  await until(() => queue.queued === 1);
  expect(await send(port, { method: 'GET', path: '/ping' })).toMatchObject({
    status: 200,
    body: { 'all-MiniLM-L6-v2': { status: 'Healthy' } },
  });
  expect((await send(port, { method: 'GET', path: '/models' })).body.models).toHaveLength(1);
  const described = await send(port, { method: 'GET', path: '/models/all-MiniLM-L6-v2' });
  expect(described.body[0].models[0]).toMatchObject({ queueSize: 10, requestInQueue: 1 });
  release();
  expect([(await running).status, (await waiting).status]).toEqual([200, 200]);
});

it('says 503 while the model is loading', async () => {
  const { port } = await start({ workers: 0 });
  expect(await send(port)).toMatchObject({ status: 503, body: { type: 'WlmException' } });
  expect(await send(port, { method: 'GET', path: '/ping' })).toMatchObject({
    status: 503,
    body: { 'all-MiniLM-L6-v2': { status: 'PENDING' } },
  });
});

it('says 503 at once when its queue is full', async () => {
  const { port, queue, seen, release } = await start({ maxQueuedRequests: 1 });
  const accepted = [send(port, { body: '"hold"' })];
  await until(() => seen.length === 1);
  accepted.push(send(port));
  await until(() => queue.queued === 1);
  expect(await send(port)).toMatchObject({ status: 503, body: { code: 503, type: 'WlmCapacityException' } });
  release();
  expect((await Promise.all(accepted)).map(({ status }) => status)).toEqual([200, 200]);
});

it('skips a waiting request whose caller is gone', async () => {
  const { port, queue, seen, release } = await start();
  const first = send(port, { body: '"hold"' });
  await until(() => seen.length === 1);
  const leaving = request({ port, host: '127.0.0.1', method: 'POST', path: PREDICT, headers: JSON_TYPE });
  leaving.on('error', () => undefined); // we hang up ourselves
  leaving.end('"gone"');
  await until(() => queue.queued === 1);
  leaving.destroy();
  await until(() => queue.queued === 0);
  release();
  await first;
  await send(port, { body: '"next"' });
  expect(seen).toEqual(['hold', 'next']);
});

it('finishes what it accepted when it stops, refuses what is new, and closes', async () => {
  const { app, port, queue, release } = await start();
  const agent = new Agent({ keepAlive: true });
  const accepted = [send(port, { body: '"hold"' }), send(port, { body: '"wait"', agent })];
  await until(() => queue.queued === 1);
  const stopped = app.stop(60_000);
  await expect(send(port)).rejects.toThrow('ECONNREFUSED');
  release();
  const answers = await Promise.all(accepted);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(answers.map(({ headers }) => headers.connection)).toEqual(['close', 'close']);
  expect(await stopped).toBe(0);
});

it('fails what it could not finish in time when it stops', async () => {
  const { app, port, queue } = await start();
  const accepted = [send(port, { body: '"hold"' }), send(port)];
  await until(() => queue.queued === 1);
  expect(await app.stop(1)).toBe(2);
  expect((await Promise.all(accepted)).map(({ status, body }) => [status, body.type])).toEqual([
    [503, 'WlmShutdownException'],
    [503, 'WlmShutdownException'],
  ]);
});
