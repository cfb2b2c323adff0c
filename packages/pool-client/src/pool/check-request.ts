import { PoolError } from '../errors.ts';
import { PRIORITIES, type Priority } from '../job.ts';

/**
 * Checks what would otherwise make a call wait for ever.
 * @throws PoolError `POOL_INVALID_INPUT` without a text, `POOL_INVALID_OPTIONS` naming the field, its value and the bound.
 */
export function checkRequest(request: {
  readonly texts: readonly string[];
  readonly timeoutMs?: number | undefined;
  readonly priority?: Priority | undefined;
  readonly weight?: number | undefined;
}): void {
  const { texts, timeoutMs, priority, weight } = request;
  if (texts.length === 0)
    throw new PoolError('POOL_INVALID_INPUT', 'texts must have at least one text, got none');
  if (timeoutMs !== undefined && !(timeoutMs > 0)) {
    throw new PoolError('POOL_INVALID_OPTIONS', `timeoutMs must be a number above 0, got ${timeoutMs}`);
  }
  if (priority !== undefined && !PRIORITIES.includes(priority)) {
    throw new PoolError('POOL_INVALID_OPTIONS', `priority must be ${PRIORITIES.join(', ')}, got ${priority}`);
  }
  if (weight !== undefined && !(weight > 0 && weight < Number.POSITIVE_INFINITY)) {
    throw new PoolError('POOL_INVALID_OPTIONS', `weight must be a number above 0, got ${weight}`);
  }
}
