import { describe, expect, it } from 'vitest';
import type { GatewayError } from '../errors.ts';
import { djl } from './djl.ts';
import { openai } from './openai.ts';
import { tei } from './tei.ts';

const message = 'what happened';
/** The error table of the contract: error, status, DJL type, OpenAI code, TEI type, TEI status. */
const rows: readonly [GatewayError, number, string, string, string, number][] = [
  [{ kind: 'invalid_request', message }, 400, 'BadRequestException', 'invalid_request', 'Validation', 422],
  [
    { kind: 'input_refused', message, index: 3 },
    400,
    'TranslateException',
    'invalid_input',
    'Validation',
    422,
  ],
  [
    { kind: 'unauthorized', message, challenge: 'bearer' },
    401,
    'UnauthorizedException',
    'invalid_api_key',
    'Unauthorized',
    401,
  ],
  [{ kind: 'forbidden', message }, 403, 'ForbiddenException', 'forbidden', 'Forbidden', 403],
  [{ kind: 'not_found', message }, 404, 'ResourceNotFoundException', 'not_found', 'NotFound', 404],
  [
    { kind: 'model_not_found', message, names: ['a'] },
    404,
    'ModelNotFoundException',
    'model_not_found',
    'NotFound',
    404,
  ],
  [
    { kind: 'method_not_allowed', message, allow: ['POST'] },
    405,
    'MethodNotAllowedException',
    'method_not_allowed',
    'MethodNotAllowed',
    405,
  ],
  [{ kind: 'conflict', message }, 409, 'ConflictException', 'conflict', 'Conflict', 409],
  [
    { kind: 'payload_too_large', message },
    413,
    'PayloadTooLargeException',
    'payload_too_large',
    'PayloadTooLarge',
    413,
  ],
  [
    { kind: 'unsupported_media_type', message },
    415,
    'UnsupportedMediaTypeException',
    'unsupported_media_type',
    'UnsupportedMediaType',
    415,
  ],
  [
    { kind: 'queue_full', message, retryAfterS: 2 },
    429,
    'WlmCapacityException',
    'queue_full',
    'Overloaded',
    429,
  ],
  [{ kind: 'internal', message }, 500, 'InternalServerException', 'internal_error', 'Internal', 500],
  [{ kind: 'backend_failed', message }, 502, 'BackendException', 'backend_failed', 'Backend', 502],
  [{ kind: 'unavailable', message, retryAfterS: 2 }, 503, 'WlmException', 'unavailable', 'Unavailable', 503],
  [{ kind: 'timeout', message }, 504, 'TimeoutException', 'timeout', 'Timeout', 504],
];
const named = rows.map((row) => [row[0].kind, ...row] as const);

describe('an error', () => {
  it.each(named)('%s reads in DJL as the table says', (kind, error, status, type) => {
    const rendered = djl.renderError(error);
    const text = kind === 'input_refused' ? `inputs[3]: ${message}` : message;
    expect({ status: rendered.status, body: JSON.parse(rendered.body) }).toEqual({
      status,
      body: { code: status, type, message: text },
    });
  });

  it.each(named)('%s reads in OpenAI as the table says', (kind, error, status, _type, code) => {
    const rendered = openai.renderError(error);
    const text = kind === 'input_refused' ? `input[3]: ${message}` : message;
    const param = { input_refused: 'input[3]', model_not_found: 'model' }[kind as string] ?? null;
    const type =
      status >= 500 ? 'server_error' : status === 429 ? 'rate_limit_error' : 'invalid_request_error';
    expect({ status: rendered.status, body: JSON.parse(rendered.body) }).toEqual({
      status,
      body: { error: { message: text, type, param, code } },
    });
  });

  it.each(named)(
    '%s reads in TEI as the table says',
    (kind, error, _status, _type, _code, errorType, status) => {
      const rendered = tei.renderError(error);
      const text = kind === 'input_refused' ? `inputs[3]: ${message}` : message;
      expect({ status: rendered.status, body: JSON.parse(rendered.body) }).toEqual({
        status,
        body: { error: text, error_type: errorType },
      });
    },
  );

  it.each([djl, openai, tei])('has the headers of its kind in $name', (dialect) => {
    const headersOf = (error: GatewayError) => dialect.renderError(error).headers;
    const json = { 'content-type': 'application/json' };
    expect(headersOf({ kind: 'timeout', message })).toEqual(json);
    expect(headersOf({ kind: 'queue_full', message, retryAfterS: 1.2 })).toEqual({
      ...json,
      'retry-after': '2',
    });
    expect(headersOf({ kind: 'unavailable', message, retryAfterS: 0 })).toEqual({
      ...json,
      'retry-after': '1',
    });
    expect(headersOf({ kind: 'method_not_allowed', message, allow: ['GET', 'POST'] })).toEqual({
      ...json,
      allow: 'GET, POST',
    });
    expect(headersOf({ kind: 'unauthorized', message, challenge: 'bearer' })).toEqual({
      ...json,
      'www-authenticate': 'Bearer',
    });
    expect(headersOf({ kind: 'unauthorized', message, challenge: 'basic' })['www-authenticate']).toMatch(
      /^Basic realm=/,
    );
  });

  it('names the field at fault as OpenAI param', () => {
    const { body } = openai.renderError({ kind: 'invalid_request', message, param: 'input[1]' });
    expect(JSON.parse(body).error.param).toBe('input[1]');
  });
});
