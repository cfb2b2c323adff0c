/** What went wrong, for callers to match on. Messages may change, codes do not. */
export type LocalBackendErrorCode =
  | 'BACKEND_INVALID_CONFIG'
  | 'BACKEND_NO_MODEL'
  | 'BACKEND_SESSION_FAILED'
  | 'BACKEND_BAD_REQUEST'
  | 'BACKEND_INVALID_INPUT'
  | 'BACKEND_UNKNOWN_MODEL'
  | 'BACKEND_UNKNOWN_ROUTE'
  | 'BACKEND_METHOD_NOT_ALLOWED'
  | 'BACKEND_UNSUPPORTED_MEDIA_TYPE'
  | 'BACKEND_TOO_LARGE'
  | 'BACKEND_QUEUE_FULL'
  | 'BACKEND_NOT_READY'
  | 'BACKEND_WORKER_DIED'
  | 'BACKEND_STOPPING'
  | 'BACKEND_ABORTED';

/** Everything this package throws on purpose. */
export class LocalBackendError extends Error {
  readonly code: LocalBackendErrorCode;

  constructor(code: LocalBackendErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LocalBackendError';
    this.code = code;
  }

  /** Whether the same request may succeed later, or elsewhere, without being changed. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

const RETRYABLE: ReadonlySet<LocalBackendErrorCode> = new Set([
  'BACKEND_SESSION_FAILED',
  'BACKEND_QUEUE_FULL',
  'BACKEND_NOT_READY',
  'BACKEND_WORKER_DIED',
  'BACKEND_STOPPING',
]);
