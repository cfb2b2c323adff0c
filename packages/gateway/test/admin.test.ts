import { type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { djlApi, embed, MODEL, refusalOf } from './apis.ts';
import { type Exchange, exchange } from './exchange.ts';
import { type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';
import { SOON } from './soon.ts';

let listed: SimulatedBackend;
let spare: SimulatedBackend;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  listed = await startSimulatedBackend();
  spare = await startSimulatedBackend();
});

beforeEach(async () => {
  gateway = await startGatewayUnderTest({ DJL_URLS: listed.djlUrl });
});

afterEach(() => gateway.stop());

afterAll(async () => {
  await listed.close();
  await spare.close();
});

function admin(method: string, path: string, body?: unknown): Promise<Exchange> {
  return exchange(`${gateway.origin}/admin/backends${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

async function states(): Promise<Readonly<Record<string, string>>> {
  const { backends }: { backends: { id: string; state: string }[] } = JSON.parse(
    (await admin('GET', '')).text,
  );
  return Object.fromEntries(backends.map(({ id, state }) => [id, state]));
}

const listedId = () => `127.0.0.1:${listed.port}/${MODEL}`;

it('lists each backend', async () => {
  const { status, headers, text } = await admin('GET', '');
  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json' });
  expect(JSON.parse(text)).toEqual({
    backends: [
      expect.objectContaining({
        id: listedId(),
        url: listed.djlUrl,
        class: 'default',
        model: MODEL,
        state: 'serving',
      }),
    ],
  });
});

it('adds, drains, resumes and removes a backend', async () => {
  const added = await admin('POST', '', { url: spare.djlUrl, class: 'gpu', id: 'spare' });
  expect(added.status).toBe(201);
  expect(JSON.parse(added.text)).toMatchObject({
    id: 'spare',
    url: spare.djlUrl,
    class: 'gpu',
    model: MODEL,
  });
  await expect.poll(states, SOON).toEqual({ [listedId()]: 'serving', spare: 'serving' });

  const drained = await admin('POST', '/spare/drain');
  expect({ status: drained.status, ...JSON.parse(drained.text) }).toMatchObject({
    status: 200,
    state: 'draining',
  });
  spare.resetCounters();
  const texts = Array.from({ length: 64 }, (_, i) => `${i}`);
  expect((await embed(gateway.origin, djlApi, texts)).status).toBe(200);
  expect(spare.counters.textsReceived).toBe(0);

  const resumed = await admin('POST', '/spare/resume');
  expect({ status: resumed.status, ...JSON.parse(resumed.text) }).toMatchObject({
    status: 200,
    state: 'serving',
  });

  const removed = await admin('DELETE', '/spare');
  expect({ status: removed.status, text: removed.text }).toEqual({ status: 204, text: '' });
  await expect.poll(states, SOON).toEqual({ [listedId()]: 'serving' });
});

it('knows ids by their percent-encoding', async () => {
  const path = `/${encodeURIComponent(listedId())}`;
  expect((await admin('POST', `${path}/drain`)).status).toBe(200);
  expect(await states()).toEqual({ [listedId()]: 'draining' });
  expect((await admin('POST', `${path}/resume`)).status).toBe(200);
  expect(await states()).toEqual({ [listedId()]: 'serving' });
});

it('finds the one model of a server that is added without a path', async () => {
  const added = await admin('POST', '', { url: spare.url });
  expect(added.status).toBe(201);
  expect(JSON.parse(added.text)).toMatchObject({ id: `127.0.0.1:${spare.port}/${MODEL}`, model: MODEL });
});

it('refuses to remove what a source lists: 409', async () => {
  const answer = await admin('DELETE', `/${encodeURIComponent(listedId())}`);
  expect(refusalOf(djlApi, answer)).toMatchObject({
    status: 409,
    message: expect.stringContaining(listedId()),
  });
});

it('refuses an id that is taken: 409', async () => {
  expect((await admin('POST', '', { url: listed.djlUrl })).status).toBe(409);
});

it.each([
  ['POST', '/nobody/drain'],
  ['POST', '/nobody/resume'],
  ['DELETE', '/nobody'],
  ['DELETE', '/no%2Fbody%3A8080'],
])('answers 404 to %s %s', async (method, path) => {
  const answer = await admin(method, path);
  expect(refusalOf(djlApi, answer)).toMatchObject({ status: 404, word: 'ResourceNotFoundException' });
});

it.each([
  'http://8.8.8.8:8080/predictions/m',
  'http://169.254.169.254/predictions/m',
  'http://169.254.169.254/',
  'http://[fe80::1]:8080/predictions/m',
])('refuses %s, which is outside ALLOWED_BACKENDS: 403', async (url) => {
  const answer = await admin('POST', '', { url });
  expect(refusalOf(djlApi, answer)).toMatchObject({ status: 403, word: 'ForbiddenException' });
  expect(Object.keys(await states())).toEqual([listedId()]);
});

it.each([
  ['nothing', undefined],
  ['broken JSON', '{"url"'],
  ['no url', { class: 'gpu' }],
  ['no URL', { url: 'somewhere' }],
  ['another scheme', { url: 'ftp://127.0.0.1/predictions/m' }],
  ['an unknown class', { url: 'http://127.0.0.1:1/predictions/m', class: 'huge' }],
  ['a number', '7'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a body too large', `"${'x'.repeat(70_000)}"`],
])('refuses to add %s', async (name, body) => {
  const answer = await admin('POST', '', body);
  expect(refusalOf(djlApi, answer).status).toBe(name === 'a body too large' ? 413 : 400);
});

it('answers a broken percent-encoding with 400', async () => {
  expect(refusalOf(djlApi, await admin('POST', '/%zz/drain'))).toMatchObject({ status: 400 });
});

it.each([
  ['POST', ''],
  ['POST', '/a/drain'],
  ['POST', '/a/resume'],
  ['DELETE', '/a'],
])('wants a JSON type for %s %s, as no web page may send one', async (method, path) => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', undefined]) {
    const answer = await exchange(`${gateway.origin}/admin/backends${path}`, {
      method,
      headers: type === undefined ? {} : { 'content-type': type },
      body: JSON.stringify({ url: spare.djlUrl }),
    });
    expect(refusalOf(djlApi, answer)).toMatchObject({ status: 415, word: 'UnsupportedMediaTypeException' });
  }
});

it.each([
  ['PUT', '/admin/backends', 'GET, POST'],
  ['GET', '/admin/backends/a', 'DELETE'],
  ['GET', '/admin/backends/a/drain', 'POST'],
  ['POST', '/metrics', 'GET'],
  ['DELETE', '/models', 'GET'],
])('answers %s %s with 405 and what is allowed', async (method, path, allow) => {
  const answer = await exchange(`${gateway.origin}${path}`, { method });
  expect(refusalOf(djlApi, answer)).toMatchObject({ status: 405, word: 'MethodNotAllowedException' });
  expect(answer.headers.allow).toBe(allow);
});
