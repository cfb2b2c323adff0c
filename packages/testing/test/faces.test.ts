import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedVector, type SimulatedBackend, startSimulatedBackend } from '../src/index.ts';
import { json, rawExchange } from './raw-exchange.ts';

const DJL = '/predictions/all-MiniLM-L6-v2';
let backend: SimulatedBackend;
beforeAll(async () => {
  backend = await startSimulatedBackend({ maxRequestBytes: 10_000 });
});
afterAll(() => backend.close());

async function answerOf(path: string, value: unknown): Promise<unknown> {
  const answer = await rawExchange(backend.port, json(path, value));
  expect(answer.status).toBe(200);
  return JSON.parse(answer.body);
}

describe('DJL', () => {
  it.each<[string, unknown, unknown]>([
    ['a text in inputs', { inputs: 'a' }, expectedVector('a')],
    ['a list in inputs', { inputs: ['a', 'b'] }, [expectedVector('a'), expectedVector('b')]],
    ['a list of one', { inputs: ['a'] }, [expectedVector('a')]],
    ['a bare text', 'a', expectedVector('a')],
    ['a bare list', ['b', 'a'], [expectedVector('b'), expectedVector('a')]],
    ['numbers and booleans as texts', [1, true], [expectedVector('1'), expectedVector('true')]],
    ['an empty text', [''], [expectedVector('')]],
    ['other keys', { inputs: 'ü', normalize: false }, expectedVector('ü')],
  ])('embeds %s', async (_name, value, vectors) => {
    expect(await answerOf(DJL, value)).toEqual(vectors);
  });

  it.each([
    `${DJL}/`,
    '/predictions/all%2DMiniLM-L6-v2',
    '/models/all-MiniLM-L6-v2/invoke',
    '/invocations',
    '/invocations?model_name=all-MiniLM-L6-v2',
  ])('answers on %s', async (path) => {
    expect(await answerOf(path, ['a'])).toEqual([expectedVector('a')]);
  });

  it.each(['application/json; charset=latin1', 'text/plain', 'Application/JSON', ''])(
    'reads a body of type "%s" as DJL does',
    async (type) => {
      const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
      const { body } = await rawExchange(backend.port, { path: DJL, headers, body: '["a"]' });
      const asJson = type.startsWith('application/json');
      expect(JSON.parse(body)).toEqual(asJson ? [expectedVector('a')] : expectedVector('["a"]'));
    },
  );

  it('takes the text from the query string if it is there', async () => {
    const { body } = await rawExchange(backend.port, { path: `${DJL}?data=x%20y`, body: 'ignored' });
    expect(JSON.parse(body)).toEqual(expectedVector('x y'));
  });

  it('embeds the empty text for a GET, and answers OPTIONS with an empty object', async () => {
    const get = await rawExchange(backend.port, { method: 'GET', path: DJL });
    expect(JSON.parse(get.body)).toEqual(expectedVector(''));
    expect((await rawExchange(backend.port, { method: 'OPTIONS', path: DJL })).body).toBe('{}');
  });

  it('echoes the request id, or makes one, and keeps the connection even when asked to close it', async () => {
    const headers = { 'x-request-id': 'mine', connection: 'close' };
    const answer = await rawExchange(backend.port, { path: DJL, headers, body: 'a' });
    expect([answer.headers['x-request-id'], answer.headers.connection]).toEqual(['mine', 'keep-alive']);
    const other = await rawExchange(backend.port, { path: DJL, body: 'a' });
    expect(other.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(other.headers).toMatchObject({ pragma: 'no-cache', expires: 'Thu, 01 Jan 1970 00:00:00 UTC' });
  });

  it('answers an asynchronous request with a token and no body', async () => {
    const headers = { 'x-synchronous': 'false' };
    const answer = await rawExchange(backend.port, { path: DJL, headers, body: 'a' });
    expect([answer.status, answer.body]).toEqual([200, '']);
    expect(answer.headers['x-next-token']).toMatch(/^[0-9a-f-]{36}$/);
  });

  const typed = { 'content-type': 'application/json' };
  it.each([
    ['broken JSON', { path: DJL, headers: typed, body: '{' }, 400, 'TranslateException'],
    ['no inputs', json(DJL, { texts: ['a'] }), 400, 'TranslateException'],
    ['an empty list', json(DJL, []), 400, 'TranslateException'],
    ['null', json(DJL, { inputs: null }), 400, 'TranslateException'],
    ['an object as item', json(DJL, ['a', {}]), 400, 'TranslateException'],
    ['a list as item', json(DJL, ['a', ['b']]), 400, 'TranslateException'],
    ['another model', json('/predictions/other', ['a']), 404, 'ModelNotFoundException'],
    ['a version', json(`${DJL}/1`, ['a']), 404, 'ModelNotFoundException'],
    ['the header handler', { path: DJL, headers: { handler: 'x' }, body: 'a' }, 400, 'BadRequestException'],
    [
      'a priority that is no integer',
      { path: DJL, headers: { 'x-priority': 'high' }, body: 'a' },
      500,
      'NumberFormatException',
    ],
    ['an unknown route', json('/predict', ['a']), 404, 'ResourceNotFoundException'],
    ['a POST to the list of models', json('/models', {}), 405, 'MethodNotAllowedException'],
    ['a doubled slash', json('/predictions//all-MiniLM-L6-v2', ['a']), 404, 'ResourceNotFoundException'],
    ['an unknown page', { method: 'GET', path: '/nothing' }, 404, 'ResourceNotFoundException'],
    ['an unknown model in the list', { method: 'GET', path: '/models/other' }, 404, 'ModelNotFoundException'],
  ])('refuses %s and resets the connection', async (_name, request, status, type) => {
    const answer = await rawExchange(backend.port, request, 'end');
    expect([answer.status, answer.headers.connection, answer.ending]).toEqual([status, 'close', 'reset']);
    expect(JSON.parse(answer.body)).toEqual({ code: status, type, message: expect.stringMatching(/./) });
    expect(answer.body.endsWith('\n')).toBe(true);
  });

  it('puts the message of a bad request into the status line', async () => {
    const answer = await rawExchange(
      backend.port,
      { path: DJL, headers: { handler: 'x' }, body: 'a' },
      'end',
    );
    expect(answer.statusLine).toBe('HTTP/1.1 400 Handler not supported: x');
  });

  it('refuses what is not HTTP and headers over 8,192 bytes', async () => {
    for (const headers of [{ 'bad header': 'x' }, { long: 'x'.repeat(9000) }]) {
      const answer = await rawExchange(backend.port, { path: DJL, headers }, 'end');
      expect([answer.status, JSON.parse(answer.body).type]).toEqual([400, 'BadRequestException']);
    }
  });

  it('answers 413 without a body, and keeps the connection if the length was announced', async () => {
    const body = 'x'.repeat(20_000);
    const announced = await rawExchange(backend.port, { path: DJL, body });
    expect([announced.status, announced.body, announced.ending]).toEqual([413, '', 'open']);
    const headers = { 'transfer-encoding': 'chunked' };
    const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const unannounced = await rawExchange(backend.port, { path: DJL, headers, body: chunks }, 'end');
    expect(unannounced.ending).toBe('reset');
    expect([0, 413]).toContain(unannounced.status);
  });

  it('describes its health and its models', async () => {
    const get = async (path: string) =>
      JSON.parse((await rawExchange(backend.port, { method: 'GET', path })).body);
    expect(await get('/ping')).toEqual({ 'all-MiniLM-L6-v2': { status: 'Healthy' } });
    expect(await get('/models')).toEqual({ models: [{ modelName: 'all-MiniLM-L6-v2', status: 'READY' }] });
    const [{ models }] = await get('/models/all-MiniLM-L6-v2');
    expect(models[0]).toMatchObject({ queueSize: 1000, requestInQueue: 0, batchSize: 1 });
  });

  it('asks for a model name when there are several', async () => {
    await using two = await startSimulatedBackend({ models: ['one', 'two'] });
    const answer = await rawExchange(two.port, json('/invocations', ['a']), 'end');
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 400,
      message: 'Parameter model_name is required.',
    });
    const headers = { 'content-type': 'application/json', model_name: 'two' };
    const named = await rawExchange(two.port, { path: '/invocations', headers, body: '["a"]' });
    expect(JSON.parse(named.body)).toEqual([expectedVector('a', { model: 'two' })]);
  });
});

describe('OpenAI', () => {
  const model = 'all-MiniLM-L6-v2';

  it('embeds as lists of numbers', async () => {
    const data = ['a', 'b'].map((text, index) => ({
      object: 'embedding',
      index,
      embedding: expectedVector(text),
    }));
    const usage = { prompt_tokens: 2, total_tokens: 2 };
    expect(await answerOf('/v1/embeddings', { model, input: ['a', 'b'] })).toEqual({
      object: 'list',
      data,
      model,
      usage,
    });
  });

  it('embeds as base64 of little-endian floats', async () => {
    const { body } = await rawExchange(
      backend.port,
      json('/v1/embeddings', { model, input: 'a', encoding_format: 'base64' }),
    );
    const bytes = Buffer.from(JSON.parse(body).data[0].embedding, 'base64');
    expect([...new Float32Array(new Uint8Array(bytes).buffer)]).toEqual(expectedVector('a').map(Math.fround));
  });

  it.each<[string, unknown, number]>([
    ['an empty text', { model, input: [''] }, 400],
    ['no model', { input: 'a' }, 400],
    ['another model', { model: 'other', input: 'a' }, 404],
    ['an unknown format', { model, input: 'a', encoding_format: 'int8' }, 400],
  ])('refuses %s on a connection that stays', async (_name, value, status) => {
    const answer = await rawExchange(backend.port, json('/v1/embeddings', value));
    expect([answer.status, answer.ending]).toEqual([status, 'open']);
    expect(JSON.parse(answer.body).error).toMatchObject({ type: 'invalid_request_error', param: null });
  });

  it('lists its models', async () => {
    const { body } = await rawExchange(backend.port, { method: 'GET', path: '/v1/models' });
    expect(JSON.parse(body).data).toMatchObject([{ id: model, object: 'model' }]);
  });
});

describe('TEI', () => {
  it.each<[string, unknown, number[][]]>([
    ['a text', { inputs: 'a' }, [expectedVector('a')]],
    ['a list', { inputs: ['a', 'b'] }, [expectedVector('a'), expectedVector('b')]],
  ])('embeds %s as a list of vectors', async (_name, value, vectors) => {
    expect(await answerOf('/embed', value)).toEqual(vectors);
  });

  it.each<[string, unknown, number, string]>([
    ['no inputs', {}, 422, 'Validation'],
    ['an empty list', { inputs: [] }, 400, 'Empty'],
    ['more texts than it takes', { inputs: Array.from({ length: 1025 }, () => 'a') }, 422, 'Validation'],
  ])('refuses %s on a connection that stays', async (_name, value, status, type) => {
    const answer = await rawExchange(backend.port, json('/embed', value));
    expect([answer.status, answer.ending, JSON.parse(answer.body).error_type]).toEqual([
      status,
      'open',
      type,
    ]);
  });

  it('describes itself', async () => {
    const info = await rawExchange(backend.port, { method: 'GET', path: '/info' });
    expect(JSON.parse(info.body)).toMatchObject({
      model_id: 'all-MiniLM-L6-v2',
      max_client_batch_size: 1024,
    });
    expect((await rawExchange(backend.port, { method: 'GET', path: '/health' })).status).toBe(200);
  });
});
