import type { PoolError } from '@forebay/pool-client';
import { type GatewayError, invalidRequest } from '../errors.ts';

const SECOND_MS = 1_000;

/** The row of the error table that an error of the pool belongs to; `index` is the chunk it happened to. */
export function gatewayErrorOf(error: PoolError, index = 0): GatewayError {
  const { code, message, retryAfterMs = SECOND_MS } = error;
  const retryAfterS = Math.min(60, Math.max(1, Math.ceil(retryAfterMs / SECOND_MS)));
  switch (code) {
    case 'POOL_INVALID_INPUT':
    case 'POOL_INVALID_OPTIONS':
    case 'POOL_MODEL_NEEDED':
      return invalidRequest(message);
    case 'POOL_INPUT_REFUSED':
      return { kind: 'input_refused', message, index };
    case 'POOL_UNKNOWN_MODEL':
      return { kind: 'model_not_found', message, names: [] };
    case 'POOL_TOO_LARGE':
      return { kind: 'payload_too_large', message };
    case 'POOL_QUEUE_FULL':
    case 'POOL_HOLD_FULL':
      return { kind: 'queue_full', message, retryAfterS };
    case 'POOL_NO_BACKEND':
    case 'POOL_DEADLINE':
    case 'POOL_CLOSED':
    case 'POOL_ABORTED':
      return { kind: 'unavailable', message, retryAfterS };
    case 'POOL_BACKEND_FAILED':
      return { kind: 'backend_failed', message };
    case 'POOL_TIMEOUT':
      return { kind: 'timeout', message };
    case 'POOL_BACKEND_FORBIDDEN':
      return { kind: 'forbidden', message };
    case 'POOL_UNKNOWN_BACKEND':
      return { kind: 'not_found', message };
    case 'POOL_BACKEND_EXISTS':
    case 'POOL_BACKEND_LISTED':
      return { kind: 'conflict', message };
  }
}
