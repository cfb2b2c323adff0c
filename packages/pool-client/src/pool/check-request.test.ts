import { describe, expect, it } from 'vitest';
import type { PoolErrorCode } from '../errors.ts';
import { checkRequest } from './check-request.ts';

describe('checkRequest', () => {
  it.each([{}, { timeoutMs: 0.5 }, { timeoutMs: Number.POSITIVE_INFINITY }, { priority: 'bulk' as const }])(
    'takes %o',
    (given) => {
      expect(() => checkRequest({ texts: [''], ...given })).not.toThrow();
    },
  );

  it.each<[object, PoolErrorCode, string]>([
    [{ texts: [] }, 'POOL_INVALID_INPUT', 'texts must have at least one text, got none'],
    [{ timeoutMs: 0 }, 'POOL_INVALID_OPTIONS', 'timeoutMs must be a number above 0, got 0'],
    [{ timeoutMs: -1 }, 'POOL_INVALID_OPTIONS', 'timeoutMs must be a number above 0, got -1'],
    [{ timeoutMs: Number.NaN }, 'POOL_INVALID_OPTIONS', 'timeoutMs must be a number above 0, got NaN'],
    [
      { priority: 'urgent' },
      'POOL_INVALID_OPTIONS',
      'priority must be interactive, default, bulk, got urgent',
    ],
  ])('refuses %o', (given, code, message) => {
    expect(() => checkRequest({ texts: ['a'], ...given })).toThrow(
      expect.objectContaining({ code, message }),
    );
  });
});
