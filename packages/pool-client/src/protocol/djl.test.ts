import { describe, expect, it } from 'vitest';
import { djl } from './djl.ts';
import type { FailureKind } from './protocol.ts';

const answer = (status: number, body: string, headers: Record<string, string> = {}) =>
  djl.fromWire({ status, headers, body: Buffer.from(body) }, 2);
const said = (status: number, type: string, message = 'No.') =>
  answer(status, `${JSON.stringify({ code: status, type, message })}\n`);

const errors: readonly [status: number, type: string, kind: FailureKind][] = [
  [400, 'TranslateException', 'input'],
  [400, 'BadRequestException', 'misconfigured'],
  [404, 'ModelNotFoundException', 'misconfigured'],
  [404, 'ResourceNotFoundException', 'misconfigured'],
  [405, 'MethodNotAllowedException', 'misconfigured'],
  [409, 'BadRequestException', 'misconfigured'],
  [409, 'NumberFormatException', 'misconfigured'],
  [500, 'NullPointerException', 'unavailable'],
  [503, 'WlmCapacityException', 'overloaded'],
  [503, 'WlmException', 'unavailable'],
  [503, 'WlmShutdownException', 'unavailable'],
  [507, 'WlmOutOfMemoryException', 'unavailable'],
  [507, 'EngineException', 'unavailable'],
  // Remapped statuses: the type stays.
  [422, 'TranslateException', 'input'],
  [500, 'TranslateException', 'input'],
  [429, 'WlmCapacityException', 'overloaded'],
  [500, 'WlmCapacityException', 'overloaded'],
  [429, 'WlmException', 'unavailable'],
  [503, 'ai.djl.translate.TranslateException', 'input'],
  // A Forebay gateway as backend.
  [413, 'PayloadTooLargeException', 'too-large'],
  [401, 'UnauthorizedException', 'misconfigured'],
  [403, 'ForbiddenException', 'misconfigured'],
  [415, 'UnsupportedMediaTypeException', 'misconfigured'],
  [502, 'BackendException', 'unavailable'],
  [504, 'TimeoutException', 'unavailable'],
  // Names that plain objects have.
  [400, 'constructor', 'input'],
  [503, '__proto__', 'unavailable'],
];

const statuses: readonly [status: number, kind: FailureKind][] = [
  [301, 'misconfigured'],
  [400, 'input'],
  [404, 'misconfigured'],
  [408, 'unavailable'],
  [413, 'too-large'],
  [422, 'input'],
  [429, 'overloaded'],
  [431, 'misconfigured'],
  [500, 'unavailable'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'unavailable'],
  [507, 'unavailable'],
];

describe('djl', () => {
  it('sends every text in a list to the URL as it is', () => {
    expect(djl.toWire(['one'], 'ignored')).toStrictEqual({
      pathSuffix: '',
      headers: { 'content-type': 'application/json' },
      body: '{"inputs":["one"]}',
    });
  });

  it.each(errors)('takes %i %s for %s', (status, type, kind) => {
    expect(said(status, type)).toStrictEqual({ kind: 'failure', failure: { kind, status, message: 'No.' } });
  });

  it.each(statuses)('takes %i without a type for %s', (status, kind) => {
    const message = `HTTP ${status} with an empty body`;
    expect(answer(status, '')).toStrictEqual({ kind: 'failure', failure: { kind, status, message } });
  });

  it.each([
    ['no JSON', '<html>\n <h1>Bad Gateway</h1>', '<html> <h1>Bad Gateway</h1>'],
    ['a JSON string', '"no"', '"no"'],
    ['a message that is none', '{"type":7,"message":{}}', '{"type":7,"message":{}}'],
    ['a long message', JSON.stringify({ message: 'x'.repeat(70_000) }), `{"message":"${'x'.repeat(287)}…`],
    ['a message of 301', JSON.stringify({ message: 'x'.repeat(301) }), `${'x'.repeat(299)}…`],
    [
      'half a character at the cut',
      JSON.stringify({ message: `${'x'.repeat(298)}😀yy` }),
      `${'x'.repeat(298)}\ufffd…`,
    ],
  ])('quotes %s in at most 300 characters', (_, body, message) => {
    expect(answer(502, body)).toStrictEqual({
      kind: 'failure',
      failure: { kind: 'unavailable', status: 502, message },
    });
  });

  it('says when to come back if the server does', () => {
    expect(answer(503, 'busy', { 'retry-after': '2' })).toStrictEqual({
      kind: 'failure',
      failure: { kind: 'unavailable', status: 503, message: 'busy', retryAfterMs: 2000 },
    });
  });

  it.each([
    ['an asynchronous answer', '', 'Expected 2 vectors, got HTTP 200 with an empty body'],
    ['an error', '{"code":503}', 'Expected 2 vectors, got HTTP 200 with {"code":503}'],
    ['half an answer', '[[1,2],[3,', 'Expected 2 vectors, got HTTP 200 with [[1,2],[3,'],
    ['one flat list', '[1,2]', 'Expected 2 vectors, item 0 of the list is none'],
    ['a list of nothing', '[]', 'Expected 2 vectors, got 0'],
    ['numbers that look like places', '[[1,2],1]', 'Expected 2 vectors, item 1 of the list is none'],
    ['an empty vector', '[[1],[]]', 'Expected 2 vectors, item 1 of the list is none'],
    ['a list too deep', '[[[1]],[[2]]]', 'Expected 2 vectors, item 0 of the list is none'],
  ])('refuses %s with status 200', (_, body, message) => {
    expect(answer(200, body)).toStrictEqual({
      kind: 'failure',
      failure: { kind: 'bad-answer', status: 200, message },
    });
  });
});
