import { PoolError, type PoolErrorCode } from '@forebay/pool-client';
import { describe, expect, it } from 'vitest';
import type { GatewayError } from '../errors.ts';
import { gatewayErrorOf } from './pool-error.ts';

const message = 'what happened';

describe('an error of the pool', () => {
  it.each<[PoolErrorCode, GatewayError]>([
    ['POOL_INVALID_OPTIONS', { kind: 'invalid_request', message }],
    ['POOL_INVALID_INPUT', { kind: 'invalid_request', message }],
    ['POOL_MODEL_NEEDED', { kind: 'invalid_request', message }],
    ['POOL_INPUT_REFUSED', { kind: 'input_refused', message, index: 3 }],
    ['POOL_UNKNOWN_MODEL', { kind: 'model_not_found', message, names: [] }],
    ['POOL_TOO_LARGE', { kind: 'payload_too_large', message }],
    ['POOL_QUEUE_FULL', { kind: 'queue_full', message, retryAfterS: 2 }],
    ['POOL_HOLD_FULL', { kind: 'queue_full', message, retryAfterS: 2 }],
    ['POOL_NO_BACKEND', { kind: 'unavailable', message, retryAfterS: 2 }],
    ['POOL_ABORTED', { kind: 'unavailable', message, retryAfterS: 2 }],
    ['POOL_CLOSED', { kind: 'unavailable', message, retryAfterS: 2 }],
    ['POOL_BACKEND_FAILED', { kind: 'backend_failed', message }],
    ['POOL_TIMEOUT', { kind: 'timeout', message }],
    ['POOL_BACKEND_FORBIDDEN', { kind: 'forbidden', message }],
    ['POOL_BACKEND_EXISTS', { kind: 'conflict', message }],
    ['POOL_BACKEND_LISTED', { kind: 'conflict', message }],
    ['POOL_UNKNOWN_BACKEND', { kind: 'not_found', message }],
  ])('%s is told in the words of the gateway', (code, expected) => {
    expect(gatewayErrorOf(new PoolError(code, message, { retryAfterMs: 1500 }), 3)).toEqual(expected);
  });
});
