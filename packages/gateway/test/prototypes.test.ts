import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectedVector, type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseApiKeys } from '../src/admission/api-keys.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { apis, djlApi, embed, MODEL, openaiApi } from './apis.ts';
import { exchange, postJson } from './exchange.ts';
import { type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

let backend: SimulatedBackend;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  backend = await startSimulatedBackend();
  gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
});

afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

// The gateway runs in this process: what got into a prototype there shows here.
const clean = JSON.stringify(
  [Object.prototype, Array.prototype, Function.prototype].map(Object.getOwnPropertyNames),
);

afterEach(() => {
  const now = [Object.prototype, Array.prototype, Function.prototype].map(Object.getOwnPropertyNames);
  expect(JSON.stringify(now)).toBe(clean);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

describe('names of an object’s own inheritance', () => {
  it.each([
    '{"__proto__": {"inputs": "a", "input": "a", "model": "m"}}',
    '{"constructor": {"prototype": {"inputs": "a", "polluted": 1}}}',
    '[{"__proto__": {"polluted": 1}}]',
  ])('bring no text along in the body %s', async (body) => {
    for (const api of apis) {
      const { status } = await postJson(gateway.origin + api.path, body);
      expect([400, 422]).toContain(status);
    }
  });

  it.each(NAMES)('do nothing beside the texts: %s', async (name) => {
    for (const api of apis) {
      const body = JSON.stringify(api.body(['a'])).replace('{', `{"${name}": {"polluted": 1, "model": 1}, `);
      const answer = await postJson(gateway.origin + api.path, body);
      expect(api.vectors(answer.text)).toEqual([expectedVector('a')]);
    }
  });

  it.each(NAMES)('are models that there are not: %s', async (name) => {
    const asked = [
      postJson(`${gateway.origin}/predictions/${name}`, { inputs: 'a' }),
      postJson(`${gateway.origin}/invocations?model_name=${name}`, { inputs: 'a' }),
      postJson(`${gateway.origin}/embed`, { inputs: 'a' }, { headers: { model_name: name } }),
      embed(gateway.origin, openaiApi, 'a', { more: { model: name } }),
    ];
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });

  it.each(NAMES)('are codings, priorities and tenants like any other word: %s', async (name) => {
    const status = async (headers: Record<string, string>) =>
      (await embed(gateway.origin, djlApi, 'a', { headers })).status;
    expect(await status({ 'content-encoding': name })).toBe(415);
    expect(await status({ 'x-forebay-priority': name })).toBe(400);
    expect(await status({ 'x-forebay-tenant': name })).toBe(200);
    expect(await status({ [name]: 'polluted' })).toBe(200);
  });

  it.each([
    '__proto__[polluted]=1',
    '__proto__.polluted=1',
    'constructor[prototype][polluted]=1',
    '__proto__=a',
  ])('do nothing in the query %s', async (query) => {
    for (const path of [djlApi.path, '/invocations']) {
      expect((await postJson(`${gateway.origin}${path}?${query}`, { inputs: 'a' })).status).toBe(200);
    }
    expect((await exchange(`${gateway.origin}/api/status?${query}`)).status).toBe(200);
  });

  it('are fields that a backend does not have', async () => {
    for (const body of [
      `{"url": "${backend.djlUrl}", "id": "x", "__proto__": {"polluted": 1}}`,
      `{"__proto__": {"url": "${backend.djlUrl}"}}`,
      `{"url": "${backend.djlUrl}", "id": "x", "constructor": 1}`,
    ]) {
      expect((await postJson(`${gateway.origin}/admin/backends`, body)).status).toBe(400);
    }
  });
});

it('embeds with a model, a backend and tenants that a list names so', async () => {
  await using odd = await startSimulatedBackend({ models: ['__proto__'] });
  const folder = await mkdtemp(join(tmpdir(), 'forebay-prototypes-'));
  const file = join(folder, 'backends.json');
  await writeFile(
    file,
    `{"__proto__": {"polluted": 1}, "backends": [{"id": "constructor", "url": "${odd.djlUrl}", "__proto__": {"polluted": 1}}],
      "tenants": [{"id": "__proto__", "weight": 2, "constructor": 1}]}`,
  );
  await using listed = await startGatewayUnderTest({ BACKENDS_FILE: file });
  const headers = { 'x-forebay-tenant': '__proto__' };
  const { text } = await postJson(`${listed.origin}/predictions/__proto__`, { inputs: 'a' }, { headers });
  expect(JSON.parse(text)).toEqual(expectedVector('a', { model: '__proto__' }));
  expect((await exchange(`${listed.origin}/ping`)).text).toContain('"__proto__":{"status":"Healthy"}');
  expect((await exchange(`${listed.origin}/metrics`)).text).toMatch(
    /forebay_backend_up\{backend="constructor",class="default"\} 1/,
  );
  await rm(folder, { recursive: true });
});

it('finds no settings and no keys under such names', () => {
  const load = (yaml: string) => loadConfig({ env: {}, argv: ['--config', 'a.yaml'], readFile: () => yaml });
  for (const name of NAMES) {
    expect(load(`${name}: { port: 1, polluted: 1 }`)).toMatchObject({
      kind: 'config-error',
      problems: [expect.stringContaining(`a.yaml:1 ${name} is not a setting`)],
    });
    const key = `- { sha256: "${hash('sha256', 'k')}", tenant: a, ${name}: { polluted: 1 } }`;
    expect(parseApiKeys(key, 'keys.yaml').kind).toBe('broken');
  }
  const inherited = `- __proto__: { sha256: "${hash('sha256', 'k')}", tenant: a }`;
  expect(parseApiKeys(inherited, 'keys.yaml').kind).toBe('broken');
});

it('takes them for aliases of models', async () => {
  const aliases = NAMES.map((name) => `${name}=${MODEL}`).join(',');
  await using aliased = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl, MODEL_ALIASES: aliases });
  for (const name of NAMES) {
    expect((await embed(aliased.origin, openaiApi, 'a', { more: { model: name } })).status).toBe(200);
  }
});
