import { LocalBackendError, type LocalBackendErrorCode, messageOf } from '../errors.ts';

/** An error as DJL Serving writes it. */
export interface HttpError {
  readonly code: number;
  readonly type: string;
  readonly message: string;
}

/** The answer to whatever was thrown; what nobody foresaw is a 500 under its own name. */
export function toHttpError(thrown: unknown): HttpError {
  if (!(thrown instanceof LocalBackendError)) {
    const type = thrown instanceof Error ? thrown.name : 'Error';
    return { code: 500, type, message: messageOf(thrown) };
  }
  const [code, type] = TABLE[thrown.code];
  return { code, type, message: thrown.message };
}

const TABLE: Readonly<Record<LocalBackendErrorCode, readonly [number, string]>> = {
  BACKEND_BAD_REQUEST: [400, 'BadRequestException'],
  BACKEND_INVALID_INPUT: [400, 'TranslateException'],
  BACKEND_UNKNOWN_MODEL: [404, 'ModelNotFoundException'],
  BACKEND_UNKNOWN_ROUTE: [404, 'ResourceNotFoundException'],
  BACKEND_METHOD_NOT_ALLOWED: [405, 'MethodNotAllowedException'],
  BACKEND_TOO_LARGE: [413, 'PayloadTooLargeException'],
  BACKEND_UNSUPPORTED_MEDIA_TYPE: [415, 'UnsupportedMediaTypeException'],
  // DJL Serving says 400 for its own failures too; 500 tells the caller that the input is not at fault.
  BACKEND_SESSION_FAILED: [500, 'EngineException'],
  BACKEND_INVALID_CONFIG: [500, 'IllegalStateException'],
  BACKEND_NO_MODEL: [500, 'IllegalStateException'],
  BACKEND_QUEUE_FULL: [503, 'WlmCapacityException'],
  BACKEND_NOT_READY: [503, 'WlmException'],
  BACKEND_WORKER_DIED: [503, 'WlmException'],
  BACKEND_ABORTED: [503, 'WlmException'],
  BACKEND_STOPPING: [503, 'WlmShutdownException'],
};
