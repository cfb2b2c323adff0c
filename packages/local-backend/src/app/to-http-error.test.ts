import { expect, it } from 'vitest';
import { LocalBackendError } from '../errors.ts';
import { toHttpError } from './to-http-error.ts';

it.each([
  ['BACKEND_INVALID_INPUT', 400, 'TranslateException'],
  ['BACKEND_UNKNOWN_MODEL', 404, 'ModelNotFoundException'],
  ['BACKEND_UNKNOWN_ROUTE', 404, 'ResourceNotFoundException'],
  ['BACKEND_METHOD_NOT_ALLOWED', 405, 'MethodNotAllowedException'],
  ['BACKEND_TOO_LARGE', 413, 'PayloadTooLargeException'],
  ['BACKEND_UNSUPPORTED_MEDIA_TYPE', 415, 'UnsupportedMediaTypeException'],
  ['BACKEND_SESSION_FAILED', 500, 'EngineException'],
  ['BACKEND_QUEUE_FULL', 503, 'WlmCapacityException'],
  ['BACKEND_NOT_READY', 503, 'WlmException'],
  ['BACKEND_STOPPING', 503, 'WlmShutdownException'],
] as const)('turns %s into %i %s', (code, status, type) => {
  expect(toHttpError(new LocalBackendError(code, 'why'))).toEqual({ code: status, type, message: 'why' });
});

it('turns what nobody foresaw into 500 under its own name', () => {
  expect(toHttpError(new TypeError('x is undefined'))).toEqual({
    code: 500,
    type: 'TypeError',
    message: 'x is undefined',
  });
});
