import { type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apis, djlApi, embed, MODEL, openaiApi, refusalOf } from './apis.ts';
import { backendsFile } from './backends-file.ts';
import { exchange } from './exchange.ts';
import { type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';
import { SOON } from './soon.ts';

let backend: SimulatedBackend;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  backend = await startSimulatedBackend({ aMs: 20 });
  gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
});

afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

describe('x-request-id', () => {
  const idOf = async (path: string, id?: string, body?: string) => {
    const headers = { 'content-type': 'application/json', ...(id ? { 'x-request-id': id } : {}) };
    return (await exchange(`${gateway.origin}${path}`, { headers, ...(body ? { body } : {}) })).headers[
      'x-request-id'
    ];
  };

  it.each(['mine', 'a b~!', 'x'.repeat(128)])('echoes %j', async (id) => {
    expect(await idOf(djlApi.path, id, '{"inputs":"a"}')).toBe(id);
  });

  it.each([
    ['too long', 'x'.repeat(129)],
    ['not ASCII', 'm\u00e9'],
    ['missing', undefined],
  ])('makes one where it is %s', async (_name, id) => {
    const made = await idOf(djlApi.path, id, '{"inputs":"a"}');
    expect(made).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(await idOf(djlApi.path, id, '{"inputs":"a"}')).not.toBe(made);
  });

  it.each([djlApi.path, '/nowhere', '/metrics', '/readyz', '/admin/backends'])(
    'stands on every answer: GET %s',
    async (path) => {
      expect(await idOf(path, 'mine')).toBe('mine');
    },
  );
});

it('says how long the chunks waited and were worked on, and in how many batches', async () => {
  const { headers } = await embed(gateway.origin, djlApi, ['a']);
  expect(headers['x-forebay-batches']).toBe('1');
  expect(headers['x-forebay-queue-ms']).toMatch(/^\d+(\.\d+)?$/);
  expect(Number(headers['x-forebay-backend-ms'])).toBeGreaterThanOrEqual(18);
  expect(Number(headers['x-forebay-backend-ms'])).toBeLessThan(5_000);
});

it('sends a length and a JSON type with every answer', async () => {
  for (const api of apis) {
    const { headers, text } = await embed(gateway.origin, api, ['a', 'b']);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(text.length),
    });
    expect(headers['transfer-encoding']).toBeUndefined();
  }
});

it.each([
  ['x-request-timeout-ms', '0'],
  ['x-request-timeout-ms', '-5'],
  ['x-request-timeout-ms', '1.5'],
  ['x-request-timeout-ms', 'soon'],
  ['x-forebay-priority', 'urgent'],
  ['x-priority', 'high'],
])('refuses %s: %s, naming it', async (name, value) => {
  const refused = refusalOf(
    openaiApi,
    await embed(gateway.origin, openaiApi, 'a', { headers: { [name]: value } }),
  );
  expect(refused).toMatchObject({ status: 400, word: 'invalid_request' });
  expect(refused.message).toContain(name);
});

describe('priority', () => {
  /** How many chunks wait at each priority while these headers' request is held. */
  async function priorityOf(headers: Record<string, string>, maxPriority?: string) {
    await using file = await backendsFile([]);
    await using held = await startGatewayUnderTest(
      { BACKENDS_FILE: file.path, MODELS: MODEL },
      maxPriority ? { keys: [{ key: 'k', tenant: 't', maxPriority }] } : {},
    );
    const gone = new AbortController();
    const request = embed(held.origin, djlApi, ['a', 'b'], {
      headers: { ...headers, ...(maxPriority ? { 'x-api-key': 'k' } : {}) },
      signal: gone.signal,
    }).catch(() => undefined);
    await expect.poll(() => held.pool.stats().heldJobs, SOON).toBe(1);
    const { queuedChunks } = held.pool.stats();
    gone.abort();
    await request;
    return Object.entries(queuedChunks).find(([, chunks]) => chunks === 2)?.[0];
  }

  it.each([
    [{}, 'default'],
    [{ 'x-forebay-priority': 'interactive' }, 'interactive'],
    [{ 'x-forebay-priority': 'bulk' }, 'bulk'],
    [{ 'x-priority': '2' }, 'interactive'],
    [{ 'x-priority': '-1' }, 'interactive'],
    [{ 'x-priority': '3' }, 'default'],
    [{ 'x-priority': '4' }, 'bulk'],
    [{ 'x-priority': '1', 'x-forebay-priority': 'bulk' }, 'bulk'],
  ])('of %j is %s', async (headers, priority) => {
    expect(await priorityOf(headers)).toBe(priority);
  });

  it.each([
    ['interactive', 'bulk', 'bulk'],
    ['interactive', 'default', 'default'],
    ['bulk', 'interactive', 'bulk'],
  ])('asked for %s with a key up to %s is %s', async (asked, ceiling, priority) => {
    expect(await priorityOf({ 'x-forebay-priority': asked }, ceiling)).toBe(priority);
  });
});
