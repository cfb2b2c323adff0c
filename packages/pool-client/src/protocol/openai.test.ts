import { describe, expect, it } from 'vitest';
import { openai } from './openai.ts';
import type { FailureKind } from './protocol.ts';
import { toNumbers } from './vector-bytes.ts';

const answer = (status: number, value: unknown, headers: Record<string, string> = {}) =>
  openai.fromWire({ status, headers, body: Buffer.from(JSON.stringify(value)) }, 2);
const items = (first: unknown, second: unknown) => answer(200, { object: 'list', data: [first, second] });

const errors: readonly [status: number, code: unknown, type: string, message: string, kind: FailureKind][] = [
  [400, null, 'invalid_request_error', 'Input too long', 'input'],
  [400, 'max_tokens_per_request', 'max_tokens_per_request', 'Requested 453357 tokens', 'too-large'],
  [400, null, 'invalid_request_error', 'max 300000 tokens per request', 'too-large'],
  [413, 20_042, '', 'input batch size 100 > maximum allowed batch size 64', 'too-large'],
  [400, 20_042, '', 'input batch size 100 > maximum allowed batch size 64', 'too-large'],
  [401, 'invalid_api_key', 'invalid_request_error', 'Incorrect API key', 'misconfigured'],
  [403, 'forbidden', 'invalid_request_error', 'No', 'misconfigured'],
  [404, 'model_not_found', 'invalid_request_error', 'No such model', 'misconfigured'],
  [400, 'model_not_found', 'invalid_request_error', 'No such model', 'misconfigured'],
  [404, 404, 'NotFoundError', 'No such model', 'misconfigured'],
  [413, 'payload_too_large', '', 'Too large', 'too-large'],
  [422, null, 'Validation', 'Invalid', 'input'],
  [424, null, 'Backend', 'Inference failed', 'unavailable'],
  [429, 'rate_limit_exceeded', 'requests', 'Slow down', 'overloaded'],
  [429, 'insufficient_quota', 'insufficient_quota', 'Pay', 'misconfigured'],
  [500, null, 'server_error', 'Sorry', 'unavailable'],
  [502, 'backend_failed', '', 'Sorry', 'unavailable'],
  [503, 'unavailable', '', 'Later', 'unavailable'],
];

describe('openai', () => {
  it('asks for floats at the base URL’s /embeddings', () => {
    expect(openai.toWire(['a', 'b'], 'm')).toStrictEqual({
      pathSuffix: '/embeddings',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"m","input":["a","b"],"encoding_format":"float"}',
    });
  });

  it.each(errors)('takes %i %s %s "%s" for %s', (status, code, type, message, kind) => {
    const failure = { kind: 'failure', failure: { kind, status, message } };
    expect(answer(status, { error: { message, type, param: null, code } })).toStrictEqual(failure);
    expect(answer(status, { object: 'error', message, type, code })).toStrictEqual(failure);
  });

  it.each([
    ['a bare error', { error: 'Loading' }, 'Loading'],
    ['a detail', { detail: 'Not Found' }, 'Not Found'],
    ['a list of details', { detail: [{ loc: ['body'] }] }, '{"detail":[{"loc":["body"]}]}'],
  ])('quotes %s', (_, value, message) => {
    expect(answer(503, value, { 'retry-after': '1.5' })).toStrictEqual({
      kind: 'failure',
      failure: { kind: 'unavailable', status: 503, message, retryAfterMs: 1500 },
    });
  });

  it('puts the vectors in the order of their indices', () => {
    const outcome = items({ embedding: [3, 4], index: 1 }, { index: 0, embedding: [1, 2] });
    expect(outcome.kind === 'vectors' && outcome.vectors.map(toNumbers)).toStrictEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it.each([
    ['a doubled index', { index: 0, embedding: [1] }, { index: 0, embedding: [2] }, 'none has index 1'],
    ['a missing index', { index: 0, embedding: [1] }, { embedding: [2] }, 'none has index 1'],
    [
      'an index that is text',
      { index: '0', embedding: [1] },
      { index: 1, embedding: [2] },
      'none has index 0',
    ],
    ['an index beyond', { index: 0, embedding: [1] }, { index: 2, embedding: [2] }, 'none has index 1'],
    ['base64', { index: 0, embedding: 'AACAPw==' }, { index: 1, embedding: [2] }, 'item 0 has none'],
    [
      'a number that looks like a place',
      { index: 0, embedding: [1] },
      { index: 1, embedding: 0 },
      'item 1 has none',
    ],
    ['an item that is none', null, { index: 1, embedding: [2] }, 'item 0 has none'],
  ])('refuses %s', (_, first, second, fault) => {
    expect(items(first, second)).toStrictEqual({
      kind: 'failure',
      failure: { kind: 'bad-answer', status: 200, message: `Expected 2 vectors, ${fault}` },
    });
  });

  it.each([{ error: { message: 'no' } }, { data: {} }, [[1], [2]], null])(
    'refuses %j with status 200',
    (value) => {
      const message = `Expected 2 vectors, got HTTP 200 with ${JSON.stringify(value)}`;
      expect(answer(200, value)).toStrictEqual({
        kind: 'failure',
        failure: { kind: 'bad-answer', status: 200, message },
      });
    },
  );
});
