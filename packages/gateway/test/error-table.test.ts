import { Readable } from 'node:stream';
import { type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apis, embed, MODEL, openaiApi, refusalOf } from './apis.ts';
import { type ExchangeOptions, exchange, oneConnection } from './exchange.ts';
import { type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

/** Status and word of one row of the error table: DJL's, OpenAI's, TEI's. */
type Row = readonly [status: number, djl: string, openai: string, tei: string, teiStatus?: number];

const BAD_REQUEST: Row = [400, 'BadRequestException', 'invalid_request', 'Validation', 422];
const BAD_INPUT: Row = [400, 'TranslateException', 'invalid_input', 'Validation', 422];
const TOO_LARGE: Row = [413, 'PayloadTooLargeException', 'payload_too_large', 'PayloadTooLarge'];
const NO_JSON: Row = [415, 'UnsupportedMediaTypeException', 'unsupported_media_type', 'UnsupportedMediaType'];
const NO_METHOD: Row = [405, 'MethodNotAllowedException', 'method_not_allowed', 'MethodNotAllowed'];
const UNAUTHORIZED: Row = [401, 'UnauthorizedException', 'invalid_api_key', 'Unauthorized'];

const JSON_TYPE = { 'content-type': 'application/json' };

/** What is sent, beside the path. */
type Attempt = (api: Api) => ExchangeOptions;

const send =
  (inputs: unknown): Attempt =>
  (api) => ({ headers: JSON_TYPE, body: JSON.stringify(api.body(inputs)) });
const raw =
  (body: string | Buffer, headers: Record<string, string> = JSON_TYPE): Attempt =>
  () => ({ method: 'POST', headers, body });

const cases: readonly (readonly [name: string, row: Row, attempt: Attempt])[] = [
  ['broken JSON', BAD_REQUEST, raw('{"inputs": ["a"')],
  ['no body', BAD_REQUEST, raw('')],
  ['neither body nor type', BAD_REQUEST, raw('', {})],
  ['a body of blanks', BAD_REQUEST, raw('  \n')],
  ['a number for a body', BAD_REQUEST, raw('7')],
  ['null for a body', BAD_REQUEST, raw('null')],
  ['an object without texts', BAD_REQUEST, raw(JSON.stringify({ model: MODEL, text: 'a' }))],
  ['invalid UTF-8', BAD_REQUEST, raw(Buffer.from([...Buffer.from('{"inputs":"'), 0xff, 0x22, 0x7d]))],
  ['an empty list', BAD_REQUEST, send([])],
  ['null', BAD_REQUEST, send(null)],
  ['a number', BAD_REQUEST, send(7)],
  ['an object', BAD_REQUEST, send({ a: 1 })],
  ['a number among texts', BAD_REQUEST, send(['a', 7])],
  ['null among texts', BAD_REQUEST, send(['a', null])],
  ['true among texts', BAD_REQUEST, send(['a', true])],
  ['an object among texts', BAD_REQUEST, send(['a', { text: 'b' }])],
  ['a nested list', BAD_REQUEST, send([['a'], ['b']])],
  ['token ids', BAD_REQUEST, send([1, 2, 3])],
  ['lists of token ids', BAD_REQUEST, send([[1, 2], [3]])],
  ['a poisonous text', BAD_INPUT, send(['a', 'b', 'c', 'poison', 'e'])],
  ['a wrong key', UNAUTHORIZED, (api) => withHeaders(api, { authorization: 'Bearer wrong' })],
  ['another method', NO_METHOD, () => ({ method: 'GET' })],
  ['too many texts', TOO_LARGE, send(Array.from({ length: 65 }, (_, i) => `${i}`))],
  ['a body over the limit', TOO_LARGE, raw(JSON.stringify('x'.repeat(70_000)))],
  [
    'a body over the limit without a length',
    TOO_LARGE,
    () => ({
      method: 'POST',
      headers: JSON_TYPE,
      body: Readable.from(['"', ...Array.from({ length: 70 }, () => 'x'.repeat(1_000)), '"']),
    }),
  ],
  ['a text type', NO_JSON, (api) => withHeaders(api, { 'content-type': 'text/plain' })],
  ['a form', NO_JSON, (api) => withHeaders(api, { 'content-type': 'application/x-www-form-urlencoded' })],
  ['no type', NO_JSON, raw('{"inputs":"a"}', {})],
  ['an unknown content coding', NO_JSON, (api) => withHeaders(api, { 'content-encoding': 'compress' })],
  [
    'a coding with a name of JavaScript',
    NO_JSON,
    (api) => withHeaders(api, { 'content-encoding': 'constructor' }),
  ],
];

function withHeaders(api: Api, headers: Record<string, string>): ExchangeOptions {
  return { headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(api.body(['a'])) };
}

let backend: SimulatedBackend;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  backend = await startSimulatedBackend({ faults: [{ kind: 'poison', marker: 'poison' }] });
  gateway = await startGatewayUnderTest(
    { DJL_URLS: backend.djlUrl, MAX_REQUEST_CHUNKS: '64', MAX_REQUEST_BYTES: '65536' },
    { keys: [{ key: 'right', tenant: 'acme' }] },
  );
});

afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

describe.each(apis)('$name', (api) => {
  it.each(cases)(
    'answers %s as the table says, and goes on with the connection',
    async (_name, row, attempt) => {
      const agent = oneConnection();
      const [status, djl, openai, tei, teiStatus = status] = row;
      const answer = await exchange(`${gateway.origin}${api.path}`, { ...attempt(api), agent });
      expect(refusalOf(api, answer)).toEqual({
        status: api.name === 'tei' ? teiStatus : status,
        word: { djl, openai, tei }[api.name],
        message: expect.stringMatching(/\S/),
      });
      expect(answer.headers['retry-after']).toBeUndefined();
      const next = await embed(gateway.origin, api, ['still here'], { agent });
      expect({ status: next.status, reused: next.reusedSocket }).toEqual({ status: 200, reused: true });
      agent.destroy();
      expect((await embed(gateway.origin, api, ['a newcomer'])).status).toBe(200);
    },
  );

  it('names the poisonous text', async () => {
    const answer = await embed(gateway.origin, api, ['a', 'b', 'c', 'poison', 'e']);
    expect(refusalOf(api, answer).message).toContain(`${api.field}[3]`);
  });

  it('names the item that is no text', async () => {
    const answer = await embed(gateway.origin, api, ['a', 'b', 7]);
    expect(refusalOf(api, answer).message).toContain(`${api.field}[2]`);
  });

  it('allows POST only and says so', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const { status, headers } = await exchange(`${gateway.origin}${api.path}`, { method });
      expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'POST' });
    }
  });

  it('challenges a wrong key', async () => {
    const { headers } = await embed(gateway.origin, api, ['a'], { headers: { 'x-api-key': 'wrong' } });
    expect(headers['www-authenticate']).toBe('Bearer');
  });
});

it('gives the index of a poisonous text as param to OpenAI callers', async () => {
  const { text } = await embed(gateway.origin, openaiApi, ['a', 'b', 'c', 'poison', 'e']);
  expect(JSON.parse(text).error.param).toBe('input[3]');
});

it('fails a poisonous text alone: neighbours of other callers are embedded', async () => {
  const [bad, ...good] = await Promise.all([
    embed(gateway.origin, openaiApi, ['poison']),
    ...Array.from({ length: 6 }, (_, i) => embed(gateway.origin, openaiApi, [`neighbour ${i}`])),
  ]);
  expect([bad?.status, ...good.map(({ status }) => status)]).toEqual([400, 200, 200, 200, 200, 200, 200]);
});

it.each([
  ['/predictions/other-model', 'djl', { inputs: 'a' }, 'ModelNotFoundException'],
  ['/v1/embeddings', 'openai', { model: 'other-model', input: 'a' }, 'model_not_found'],
  ['/embed', 'tei', { inputs: 'a' }, 'NotFound'],
])('answers an unknown model on %s with 404 and the names there are', async (path, name, body, word) => {
  const api = apis.find((each) => each.name === name) as Api; // the table names them
  const answer = await exchange(`${gateway.origin}${path}`, {
    headers: { ...JSON_TYPE, model_name: 'other-model' },
    body: JSON.stringify(body),
  });
  expect(refusalOf(api, answer)).toEqual({ status: 404, word, message: expect.stringContaining(MODEL) });
});

it.each([
  ['/nowhere', 'djl', 'ResourceNotFoundException'],
  ['/predictions', 'djl', 'ResourceNotFoundException'],
  ['/v1/nowhere', 'openai', 'not_found'],
])('answers the unknown route %s with 404', async (path, name, word) => {
  const api = apis.find((each) => each.name === name) as Api; // the table names them
  const agent = oneConnection();
  for (const options of [{ agent }, { agent, headers: JSON_TYPE, body: '{}' }]) {
    const answer = await exchange(`${gateway.origin}${path}`, options);
    expect(refusalOf(api, answer)).toMatchObject({ status: 404, word });
  }
  agent.destroy();
});
