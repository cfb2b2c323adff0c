import { expectedVector, type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { djlApi, embed, openaiApi, refusalOf, teiApi } from './apis.ts';
import { type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

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

it.each(['', ' ', '\n\t '])('embeds the blank text %j on DJL and TEI, refuses it on OpenAI', async (text) => {
  for (const api of [djlApi, teiApi]) {
    const single = await embed(gateway.origin, api, text);
    const list = await embed(gateway.origin, api, ['a', text]);
    expect([single.status, list.status]).toEqual([200, 200]);
    expect(api.vectors(list.text)[1]).toEqual(expectedVector(text));
  }
  const refused = await embed(gateway.origin, openaiApi, ['a', text]);
  expect(refused.status).toBe(400);
  expect(JSON.parse(refused.text).error).toMatchObject({ param: 'input[1]', code: 'invalid_request' });
  expect(JSON.parse((await embed(gateway.origin, openaiApi, text)).text).error.param).toBe('input');
});

it.each([
  ['model', { model: undefined }],
  ['model', { model: 7 }],
  ['model', { model: null }],
  ['model', { model: ['a'] }],
  ['dimensions', { dimensions: 383 }],
  ['dimensions', { dimensions: '384' }],
  ['dimensions', { dimensions: 0 }],
  ['encoding_format', { encoding_format: 'int8' }],
  ['encoding_format', { encoding_format: 1 }],
  ['input[0]', { input: [[1, 2]] }],
  ['input[0]', { input: [1, 2] }],
  ['input', { input: [] }],
  ['input', { input: undefined }],
])('refuses OpenAI a wrong %s: %j', async (param, more) => {
  const { status, text } = await embed(gateway.origin, openaiApi, 'a', { more });
  expect({ status, ...JSON.parse(text).error }).toMatchObject({
    status: 400,
    code: 'invalid_request',
    param,
    message: expect.stringContaining(param),
  });
});

it.each([
  { dimensions: 384 },
  { dimensions: null },
  { encoding_format: 'float' },
  { user: 'someone', unknown: true },
])('accepts of OpenAI callers %j', async (more) => {
  const { status, text } = await embed(gateway.origin, openaiApi, ['a'], { more });
  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({
    object: 'list',
    model: 'all-MiniLM-L6-v2',
    data: [{ object: 'embedding', index: 0 }],
  });
});

it('answers base64 as little-endian float32', async () => {
  const { text } = await embed(gateway.origin, openaiApi, ['a'], { more: { encoding_format: 'base64' } });
  const bytes = Buffer.from(JSON.parse(text).data[0].embedding, 'base64');
  const numbers = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
  expect(numbers).toEqual(expectedVector('a').map(Math.fround));
});

it.each([
  ['normalize', { normalize: false }, 422],
  ['normalize', { normalize: true }, 200],
  ['truncate', { truncate: false }, 422],
  ['truncate', { truncate: true }, 200],
  ['normalize', { normalize: 'no' }, 422],
  ['dimensions', { dimensions: 2 }, 422],
])('answers TEI with %s in %j: %d', async (field, more, status) => {
  const answer = await embed(gateway.origin, teiApi, 'a', { more });
  expect(answer.status).toBe(status);
  if (status === 422) expect(refusalOf(teiApi, answer).message).toContain(field);
});

it('answers one text with one vector on DJL, with a list of one on TEI', async () => {
  expect(JSON.parse((await embed(gateway.origin, djlApi, 'a')).text)).toEqual(expectedVector('a'));
  expect(JSON.parse((await embed(gateway.origin, djlApi, ['a'])).text)).toEqual([expectedVector('a')]);
  expect(JSON.parse((await embed(gateway.origin, teiApi, 'a')).text)).toEqual([expectedVector('a')]);
});

it('estimates usage without a tokenizer, and says so to OpenAI callers only', async () => {
  const { headers, text } = await embed(gateway.origin, openaiApi, ['12345678', '1']);
  expect(JSON.parse(text).usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
  expect(headers['x-forebay-usage']).toBe('estimated');
  const djl = await embed(gateway.origin, djlApi, ['12345678']);
  expect(djl.headers['x-forebay-usage']).toBeUndefined();
});

it('counts usage exactly with a tokenizer, and says nothing of an estimate', async () => {
  await using exact = await startGatewayUnderTest(
    { DJL_URLS: backend.djlUrl },
    { countTokens: (texts) => ({ promptTokens: 10 * texts.length, estimated: false }) },
  );
  const { headers, text } = await embed(exact.origin, openaiApi, ['a', 'b']);
  expect(JSON.parse(text).usage).toEqual({ prompt_tokens: 20, total_tokens: 20 });
  expect(headers['x-forebay-usage']).toBeUndefined();
});
