import { type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apis, djlApi, embed, openaiApi, refusalOf } from './apis.ts';
import { exchange, postJson } from './exchange.ts';
import { type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';
import { readMetrics } from './read-metrics.ts';

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
const OPEN_ROUTES = ['/metrics', '/livez', '/readyz', '/ping', '/health', '/info', '/models', '/v1/models'];

let backend: SimulatedBackend;

beforeAll(async () => {
  backend = await startSimulatedBackend();
});

afterAll(() => backend.close());

describe('beyond loopback with keys', () => {
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    gateway = await startGatewayUnderTest(
      { DJL_URLS: backend.djlUrl, HOST: '0.0.0.0' },
      {
        keys: [
          { key: 'right key', tenant: 'acme' },
          { key: 'right', tenant: 'acme' },
        ],
      },
    );
  });

  afterAll(() => gateway.stop());

  it.each([
    { authorization: 'Bearer right' },
    { authorization: 'bearer right' },
    { 'x-api-key': 'right' },
    { 'x-api-key': 'right key' },
    { authorization: basic(':right') },
    { authorization: basic('anyone:right') },
  ])('lets in who comes with %j', async (headers) => {
    for (const api of apis) expect((await embed(gateway.origin, api, 'a', { headers })).status).toBe(200);
  });

  it.each([
    {},
    { authorization: 'Bearer wrong' },
    { authorization: 'Bearer ' },
    { 'x-api-key': '' },
    { 'x-api-key': 'Right' },
    { authorization: basic('right:') },
    { authorization: basic('right') },
    { authorization: 'Digest right' },
  ])('refuses who comes with %j', async (headers) => {
    const words = { djl: 'UnauthorizedException', openai: 'invalid_api_key', tei: 'Unauthorized' };
    for (const api of apis) {
      const answer = await embed(gateway.origin, api, 'a', { headers: headers as Record<string, string> });
      expect(refusalOf(api, answer)).toMatchObject({ status: 401, word: words[api.name] });
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
  });

  it('takes the key out of a URL as curl and others send it', async () => {
    const url = new URL(`${gateway.origin}${djlApi.path}`);
    url.password = 'right';
    expect((await postJson(url.href, { inputs: 'a' })).status).toBe(200);
  });

  it.each(OPEN_ROUTES)('leaves %s open', async (path) => {
    expect((await exchange(`${gateway.origin}${path}`)).status).toBe(200);
  });

  it.each([
    ['GET', '/admin/backends'],
    ['POST', '/admin/backends'],
    ['DELETE', '/admin/backends/a'],
    ['GET', '/api/status'],
  ])('closes %s %s while no admin key is set, also to bearers of a key', async (method, path) => {
    const headers = { 'content-type': 'application/json', 'x-api-key': 'right', host: 'localhost' };
    const answer = await exchange(`${gateway.origin}${path}`, { method, headers });
    expect(refusalOf(djlApi, answer)).toMatchObject({ status: 403, word: 'ForbiddenException' });
  });
});

it('embeds for everyone beyond loopback with FOREBAY_ALLOW_OPEN, and opens nothing else', async () => {
  await using gateway = await startGatewayUnderTest({
    DJL_URLS: backend.djlUrl,
    HOST: '0.0.0.0',
    FOREBAY_ALLOW_OPEN: '1',
  });
  for (const headers of [{}, { authorization: 'Bearer sk-whatever' }] as Record<string, string>[]) {
    expect((await embed(gateway.origin, openaiApi, 'a', { headers })).status).toBe(200);
  }
  expect((await exchange(`${gateway.origin}/admin/backends`)).status).toBe(403);
});

it('lets callers without a key in on loopback, and refuses a wrong one', async () => {
  await using gateway = await startGatewayUnderTest(
    { DJL_URLS: backend.djlUrl },
    { keys: [{ key: 'right', tenant: 'acme' }] },
  );
  expect((await embed(gateway.origin, djlApi, 'a')).status).toBe(200);
  expect((await embed(gateway.origin, djlApi, 'a', { headers: { 'x-api-key': 'wrong' } })).status).toBe(401);
});

describe('with an admin key', () => {
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    gateway = await startGatewayUnderTest(
      { DJL_URLS: backend.djlUrl, HOST: '0.0.0.0', FOREBAY_ADMIN_KEY: 'chief' },
      { keys: [{ key: 'right', tenant: 'acme' }] },
    );
  });

  afterAll(() => gateway.stop());

  it.each([
    { authorization: 'Bearer chief' },
    { 'x-api-key': 'chief' },
    { authorization: basic('me:chief') },
  ])('opens admin and status to %j, whatever the Host', async (headers) => {
    for (const path of ['/admin/backends', '/api/status']) {
      const answer = await exchange(`${gateway.origin}${path}`, {
        headers: { ...headers, host: 'anything.example' } as Record<string, string>,
      });
      expect(answer.status).toBe(200);
    }
  });

  it.each([{}, { authorization: 'Bearer right' }, { 'x-api-key': 'chie' }])(
    'refuses %j and makes browsers ask',
    async (headers) => {
      const answer = await exchange(`${gateway.origin}/admin/backends`, {
        headers: headers as Record<string, string>,
      });
      expect(refusalOf(djlApi, answer)).toMatchObject({ status: 401, word: 'UnauthorizedException' });
      expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
    },
  );
});

it.each([
  ['localhost', 200],
  ['LOCALHOST:8080', 200],
  ['127.0.0.1:1234', 200],
  ['[::1]:8080', 200],
  ['evil.example', 403],
  ['localhost.evil.example', 403],
  ['127.0.0.1.nip.io:8080', 403],
])('answers a keyless admin request with Host %s with %d', async (host, status) => {
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
  for (const path of ['/admin/backends', '/api/status']) {
    expect((await exchange(`${gateway.origin}${path}`, { headers: { host } })).status).toBe(status);
  }
  expect((await exchange(`${gateway.origin}/readyz`, { headers: { host } })).status).toBe(200);
});

it('permits no web page of elsewhere anything, whatever its browser asks', async () => {
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
  const origin = { origin: 'https://evil.example' };
  const question = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  };
  for (const path of [...apis.map((api) => api.path), '/admin/backends', '/api/status', '/metrics']) {
    const preflight = await exchange(`${gateway.origin}${path}`, {
      method: 'OPTIONS',
      headers: { ...origin, ...question },
    });
    const seen = await exchange(`${gateway.origin}${path}`, { headers: origin });
    for (const { headers } of [preflight, seen]) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
    expect(`${path} ${preflight.status}`).toMatch(/ 40[45]$|^\/(admin|api|metrics)\S* 200$/);
  }
});

it('takes the hosts of ALLOWED_HOSTS instead', async () => {
  await using gateway = await startGatewayUnderTest({
    DJL_URLS: backend.djlUrl,
    ALLOWED_HOSTS: 'gateway.test',
  });
  const status = async (host: string) =>
    (await exchange(`${gateway.origin}/api/status`, { headers: { host } })).status;
  expect([await status('gateway.test:99'), await status('localhost')]).toEqual([200, 403]);
});

it('holds keys to their limits with 429 and Retry-After, and counts it', async () => {
  await using gateway = await startGatewayUnderTest(
    { DJL_URLS: backend.djlUrl },
    {
      keys: [
        { key: 'slow', tenant: 'a', chunksPerSecond: 1 },
        { key: 'few', tenant: 'b', maxQueuedChunks: 2 },
      ],
    },
  );
  const ask = (api: Api, key: string, texts: readonly string[]) =>
    embed(gateway.origin, api, texts, { headers: { authorization: `Bearer ${key}` } });
  const ten = Array.from({ length: 10 }, (_, i) => `${i}`);
  expect((await ask(djlApi, 'slow', ten)).status).toBe(200);
  const tooSoon = await ask(openaiApi, 'slow', ten);
  expect(refusalOf(openaiApi, tooSoon)).toMatchObject({ status: 429, word: 'queue_full' });
  expect(Number(tooSoon.headers['retry-after'])).toBeGreaterThanOrEqual(9);
  expect((await ask(djlApi, 'few', ['1', '2', '3'])).status).toBe(413);
  expect((await ask(djlApi, 'few', ['1', '2'])).status).toBe(200);
  expect((await readMetrics(gateway.origin)).value('forebay_shed_total', { reason: 'key-limit' })).toBe(1);
});
