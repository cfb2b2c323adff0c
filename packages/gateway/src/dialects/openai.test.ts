import { describe, expect, it } from 'vitest';
import { checkDimensions } from './check-dimensions.ts';
import type { ParsedRequest } from './dialect.ts';
import { openai } from './openai.ts';

const request = { headers: {}, query: {}, pathModel: undefined };
const ok = { model: 'm', input: 'a' };

describe('an OpenAI body', () => {
  it.each([
    ['one string', ok, { texts: ['a'], shape: 'single', encoding: 'float' }],
    ['a list', { ...ok, input: ['a', 'b'] }, { texts: ['a', 'b'], shape: 'list', encoding: 'float' }],
    ['base64', { ...ok, encoding_format: 'base64' }, { texts: ['a'], shape: 'single', encoding: 'base64' }],
    [
      'explicit float',
      { ...ok, encoding_format: 'float' },
      { texts: ['a'], shape: 'single', encoding: 'float' },
    ],
    [
      'dimensions',
      { ...ok, dimensions: 384 },
      { texts: ['a'], shape: 'single', encoding: 'float', dimensions: 384 },
    ],
    [
      'null options',
      { ...ok, dimensions: null, encoding_format: null },
      { texts: ['a'], shape: 'single', encoding: 'float' },
    ],
    [
      'a user and unknown fields',
      { ...ok, user: 7, x: 1 },
      { texts: ['a'], shape: 'single', encoding: 'float' },
    ],
  ])('is read with %s', (_name, body, expected) => {
    expect(openai.parse(body, request)).toEqual({ kind: 'parsed', model: 'm', ...expected });
  });

  it.each([
    ['no model', { input: 'a' }, 'model'],
    ['a model that is no string', { ...ok, model: 3 }, 'model'],
    ['an empty model', { ...ok, model: '' }, 'model'],
    ['no input', { model: 'm' }, 'input'],
    ['an empty list', { ...ok, input: [] }, 'input'],
    ['an empty string', { ...ok, input: '' }, 'input'],
    ['a blank string', { ...ok, input: ' \t' }, 'input'],
    ['an empty item', { ...ok, input: ['a', ''] }, 'input[1]'],
    ['a null item', { ...ok, input: ['a', null] }, 'input[1]'],
    ['an object as item', { ...ok, input: [{ text: 'a' }] }, 'input[0]'],
    ['token ids', { ...ok, input: [1, 2] }, 'input[0]'],
    ['lists of token ids', { ...ok, input: [[1, 2], [3]] }, 'input[0]'],
    ['an unknown encoding_format', { ...ok, encoding_format: 'int8' }, 'encoding_format'],
    ['dimensions that are no integer', { ...ok, dimensions: 3.5 }, 'dimensions'],
    ['dimensions of zero', { ...ok, dimensions: 0 }, 'dimensions'],
    ['dimensions as a string', { ...ok, dimensions: '384' }, 'dimensions'],
  ])('is refused with %s, naming the field', (_name, body, param) => {
    expect(openai.parse(body, request)).toEqual({
      kind: 'invalid_request',
      param,
      message: expect.stringContaining(param),
    });
  });

  it.each([
    ['a string', 'text'],
    ['a list', ['a']],
    ['null', null],
    ['a number', 1],
  ])('is refused as %s', (_name, body) => {
    expect(openai.parse(body, request)).toMatchObject({ kind: 'invalid_request' });
  });

  it.each([[[1, 2]], [[[1, 2]]]])('says what to do instead of token ids %j', (input) => {
    expect(openai.parse({ ...ok, input }, request)).toMatchObject({
      message: expect.stringContaining('check_embedding_ctx_length=False'),
    });
  });
});

describe('dimensions', () => {
  const parsed: ParsedRequest = {
    kind: 'parsed',
    model: 'm',
    texts: ['a'],
    shape: 'single',
    encoding: 'float',
  };

  it('pass when they are the model’s or not given', () => {
    expect(checkDimensions(parsed, 384)).toBeUndefined();
    expect(checkDimensions({ ...parsed, dimensions: 384 }, 384)).toBeUndefined();
  });

  it('are refused when they differ, with both numbers', () => {
    expect(checkDimensions({ ...parsed, dimensions: 256 }, 384)).toEqual({
      kind: 'invalid_request',
      param: 'dimensions',
      message: expect.stringMatching(/384.*256/),
    });
  });
});

describe('an OpenAI answer', () => {
  const source = Buffer.from('[[0.5,-1],[2.0,1e-7]]');
  const vectors = [
    { source, start: 1, end: 9 },
    { source, start: 10, end: 20 },
  ];
  const answer = { vectors, model: 'all-MiniLM-L6-v2 "é"', shape: 'list', encoding: 'float' } as const;
  const bodyOf = (given: Parameters<typeof openai.render>[0]) =>
    Buffer.concat([...openai.render(given).parts]).toString();

  it('keeps the number bytes and says its usage', () => {
    const usage = { promptTokens: 7, estimated: false };
    expect(bodyOf({ ...answer, usage })).toBe(
      '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-1]},{"object":"embedding","index":1,"embedding":[2.0,1e-7]}],"model":"all-MiniLM-L6-v2 \\"é\\"","usage":{"prompt_tokens":7,"total_tokens":7}}',
    );
    expect(openai.render({ ...answer, usage }).headers).toEqual({ 'content-type': 'application/json' });
  });

  it('marks an estimated usage in a header', () => {
    const { headers } = openai.render({ ...answer, usage: { promptTokens: 7, estimated: true } });
    expect(headers['x-forebay-usage']).toBe('estimated');
  });

  it('leaves usage out where there is none', () => {
    expect(JSON.parse(bodyOf(answer))).not.toHaveProperty('usage');
  });

  it.each(['float', 'base64'] as const)('says in errors why a text has no vector (%s)', (encoding) => {
    const failures = [
      { index: 1, error: { kind: 'input_refused', index: 1, message: 'too odd' } },
      { index: 2, error: { kind: 'timeout', message: 'time is up' } },
    ] as const;
    const { data, errors } = JSON.parse(
      bodyOf({ ...answer, vectors: [vectors[0], undefined, undefined], encoding, failures }),
    );
    expect(data).toEqual([
      { object: 'embedding', index: 0, embedding: encoding === 'float' ? [0.5, -1] : 'AAAAPwAAgL8=' },
      { object: 'embedding', index: 1, embedding: null },
      { object: 'embedding', index: 2, embedding: null },
    ]);
    expect(errors).toEqual([
      { index: 1, message: 'input[1]: too odd', type: 'invalid_request_error', code: 'invalid_input' },
      { index: 2, message: 'time is up', type: 'server_error', code: 'timeout' },
    ]);
  });

  it('has no errors where nothing failed', () => {
    expect(JSON.parse(bodyOf({ ...answer, failures: [] }))).not.toHaveProperty('errors');
  });

  it('writes base64 of little-endian single precision', () => {
    const { data } = JSON.parse(bodyOf({ ...answer, encoding: 'base64' }));
    const bytes = Buffer.from(data[1].embedding, 'base64');
    expect([bytes.length, bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([8, 2, Math.fround(1e-7)]);
  });
});
