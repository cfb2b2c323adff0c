import type { BatchFailureReason } from '../events.ts';
import type { BatchHistory } from '../queue/batch.ts';
import type { Random } from '../random.ts';

export interface RetryOptions {
  /** Sends of one chunk, the first included. @default 5 */
  readonly maxAttempts: number;
  /** Longest wait before the second send to a backend that failed, in milliseconds; doubles each time. @default 200 */
  readonly baseDelayMs: number;
  /** Bound of that doubling, in milliseconds. @default 3,000 */
  readonly maxDelayMs: number;
}

export const DEFAULT_RETRY: RetryOptions = Object.freeze({
  maxAttempts: 5,
  baseDelayMs: 200,
  maxDelayMs: 3_000,
});

/** Longest `Retry-After` that is believed: the backend may be well, or gone, long before. */
const MAX_RETRY_AFTER_MS = 30_000;

export interface FailedBatch {
  readonly reason: BatchFailureReason;
  readonly backendId: string;
  readonly retryAfterMs: number | undefined;
  readonly chunks: number;
  readonly history: BatchHistory;
  /** Asked only where the answer blames the input: whether the same backend embeds a harmless text. */
  readonly controlPassed: boolean;
  /** Backends that may get work now. */
  readonly eligibleIds: readonly string[];
}

/** What to do with the chunks of a failed batch. */
export type NextStep =
  | { readonly kind: 'retry'; readonly history: BatchHistory }
  | { readonly kind: 'halve'; readonly history: BatchHistory }
  | { readonly kind: 'refuse-input' }
  | { readonly kind: 'give-up' };

/**
 * Decides on a failed batch.
 *
 * Blamed input is believed only of a backend that embeds a harmless text: then the batch is cut in halves until the bad
 * chunk stands alone (log₂ n more sends for n chunks), and it is refused when it was blamed alone twice (a server that
 * merges requests may have blamed it for another's, and what is too large for one server may fit another). Everything else goes to a backend that has not failed with it yet;
 * when all have, to any of them after a wait drawn evenly from 0 to the doubled delay ("full jitter").
 */
export function nextStep(
  failed: FailedBatch,
  options: RetryOptions,
  nowMs: number,
  random: Random,
): NextStep {
  const { reason, chunks, history, backendId } = failed;
  if (reason === 'too-large' || (reason === 'input' && failed.controlPassed)) {
    if (chunks > 1)
      return { kind: 'halve', history: { ...history, triedBackendIds: [], notBeforeMs: nowMs } };
    const refusals = history.refusals + 1;
    if (refusals >= 2) return { kind: 'refuse-input' };
    return {
      kind: 'retry',
      history: { ...history, refusals, triedBackendIds: [backendId], notBeforeMs: nowMs },
    };
  }
  const attempts = history.attempts + 1;
  if (attempts >= options.maxAttempts) return { kind: 'give-up' };
  const triedBackendIds = [...history.triedBackendIds, backendId];
  if (failed.eligibleIds.some((id) => !triedBackendIds.includes(id))) {
    return { kind: 'retry', history: { ...history, attempts, triedBackendIds, notBeforeMs: nowMs } };
  }
  const delayMs = Math.min(options.maxDelayMs, options.baseDelayMs * 2 ** history.attempts);
  const askedMs = Math.min(MAX_RETRY_AFTER_MS, failed.retryAfterMs ?? 0);
  const waitMs = Math.max(askedMs, delayMs * random());
  const again: BatchHistory = { ...history, attempts, triedBackendIds: [], notBeforeMs: nowMs + waitMs };
  // The backend may still be working on what timed out: never the same size into the same queue.
  return { kind: reason === 'timeout' && chunks > 1 ? 'halve' : 'retry', history: again };
}
