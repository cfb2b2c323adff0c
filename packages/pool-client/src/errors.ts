/** What went wrong, for callers to match on. Messages may change, codes do not. */
export type PoolErrorCode =
  | 'POOL_INVALID_OPTIONS'
  | 'POOL_INVALID_INPUT'
  | 'POOL_INPUT_REFUSED'
  | 'POOL_UNKNOWN_MODEL'
  | 'POOL_MODEL_NEEDED'
  | 'POOL_TOO_LARGE'
  | 'POOL_QUEUE_FULL'
  | 'POOL_HOLD_FULL'
  | 'POOL_NO_BACKEND'
  | 'POOL_DEADLINE'
  | 'POOL_BACKEND_FAILED'
  | 'POOL_TIMEOUT'
  | 'POOL_ABORTED'
  | 'POOL_CLOSED'
  | 'POOL_BACKEND_FORBIDDEN'
  | 'POOL_BACKEND_EXISTS'
  | 'POOL_BACKEND_LISTED'
  | 'POOL_UNKNOWN_BACKEND';

export interface PoolErrorDetails {
  /** Indices of the chunks that have no vector because of this error, ascending. */
  readonly failedIndices?: readonly number[];
  /** Right vectors of the other chunks, by index; `undefined` where there is none. */
  readonly vectors?: readonly (readonly number[] | Float32Array | undefined)[];
  /** When trying again may help, in milliseconds from now. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** Everything this library throws on purpose. */
export class PoolError extends Error {
  readonly code: PoolErrorCode;
  readonly failedIndices: readonly number[];
  readonly vectors: readonly (readonly number[] | Float32Array | undefined)[];
  readonly retryAfterMs: number | undefined;

  constructor(code: PoolErrorCode, message: string, details: PoolErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PoolError';
    this.code = code;
    this.failedIndices = details.failedIndices ?? [];
    this.vectors = details.vectors ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }

  /** Whether the same call may succeed later without being changed. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

const RETRYABLE: ReadonlySet<PoolErrorCode> = new Set([
  'POOL_QUEUE_FULL',
  'POOL_HOLD_FULL',
  'POOL_NO_BACKEND',
  'POOL_DEADLINE',
  'POOL_BACKEND_FAILED',
  'POOL_TIMEOUT',
]);
