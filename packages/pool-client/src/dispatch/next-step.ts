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

/** How long chunks are tried at least while no backend is in service, in milliseconds: a restart is often over by then. */
const PATIENCE_MS = 5_000;

/** What one text can do to a server; a full queue or silence is not among it. */
const BREAKING: ReadonlySet<BatchFailureReason> = new Set([
  'unavailable',
  'connection',
  'bad-answer',
  'spoiled',
]);

/** So many backends must have failed with a batch before it is cut up to see whether one of its chunks is the reason. */
const SUSPICIOUS_BACKENDS = 2;

export interface FailedBatch {
  readonly reason: BatchFailureReason;
  readonly backendId: string;
  readonly retryAfterMs: number | undefined;
  readonly chunks: number;
  readonly history: BatchHistory;
  /** Whether the same backend embeds other texts: asked only where the answer speaks against these. */
  readonly controlPassed: boolean;
  /** Whether some backend of the model is in service. */
  readonly anyServing: boolean;
  /** Backends that may get work now. */
  readonly eligibleIds: readonly string[];
}

/** What to do with the chunks of a failed batch. */
export type NextStep =
  | { readonly kind: 'retry'; readonly history: BatchHistory }
  /** Both halves again. */
  | { readonly kind: 'halve'; readonly history: BatchHistory }
  /** One half again, and the other by what comes of it. */
  | { readonly kind: 'bisect'; readonly history: BatchHistory }
  | { readonly kind: 'refuse-input' }
  | { readonly kind: 'give-up' };

/**
 * Decides on a failed batch; `input` and unusable vectors are believed only of a backend that embeds other texts.
 *
 * | failed by                        | what follows                                                                              |
 * | -------------------------------- | ----------------------------------------------------------------------------------------- |
 * | blamed input                     | a search for the bad chunk, log₂ n sends; blamed alone twice, elsewhere first: refused     |
 * | unusable vectors for some        | those again, elsewhere; unusable at every attempt: refused                                 |
 * | batch too large                  | both halves; a single chunk is like blamed input                                           |
 * | a break-down of two backends     | both halves elsewhere: one of the chunks may be what breaks them                           |
 * | time-out at all of them          | both halves: never the same size into the same queue                                       |
 * | anything else                    | another backend at once; when all have failed, any, after a wait from 0 to the doubled delay |
 *
 * Chunks are given up after `maxAttempts`, and while no backend is in service not before five seconds; a full queue is not counted, it only
 * takes time.
 */
export function nextStep(
  failed: FailedBatch,
  options: RetryOptions,
  nowMs: number,
  random: Random,
): NextStep {
  const { reason, chunks, backendId } = failed;
  const history: BatchHistory = { ...failed.history, bisection: undefined };
  const isTooLarge = reason === 'too-large' && (chunks > 1 || failed.controlPassed);
  if (isTooLarge || (reason === 'input' && failed.controlPassed)) {
    if (chunks > 1) {
      const again = { ...history, triedBackendIds: [], notBeforeMs: nowMs };
      return { kind: reason === 'input' ? 'bisect' : 'halve', history: again };
    }
    const refusals = history.refusals + 1;
    if (refusals >= 2) return { kind: 'refuse-input' };
    return {
      kind: 'retry',
      history: { ...history, refusals, triedBackendIds: [backendId], notBeforeMs: nowMs },
    };
  }
  const spoiled = reason === 'spoiled' && failed.controlPassed;
  const spoiledBy = spoiled ? [...(history.spoiledBy ?? []), backendId] : history.spoiledBy;
  const attempts = history.attempts + (reason === 'overloaded' ? 0 : 1);
  const failedSinceMs = history.failedSinceMs ?? nowMs;
  const isPatient = !failed.anyServing && nowMs - failedSinceMs < PATIENCE_MS;
  if (attempts >= options.maxAttempts && !isPatient) {
    // Once may be the backend's fault, every time is not.
    const always = spoiled && chunks === 1 && spoiledBy !== undefined && spoiledBy.length >= attempts;
    return { kind: always ? 'refuse-input' : 'give-up' };
  }
  const triedBackendIds = [...history.triedBackendIds, backendId];
  const again: BatchHistory = {
    ...history,
    attempts,
    failedSinceMs,
    triedBackendIds,
    notBeforeMs: nowMs,
    ...(spoiledBy && { spoiledBy }),
  };
  if (failed.eligibleIds.some((id) => !triedBackendIds.includes(id))) {
    const suspicious =
      chunks > 1 &&
      failed.anyServing &&
      BREAKING.has(reason) &&
      new Set(triedBackendIds).size >= SUSPICIOUS_BACKENDS;
    return { kind: suspicious ? 'halve' : 'retry', history: again };
  }
  const delayMs = Math.min(options.maxDelayMs, options.baseDelayMs * 2 ** history.attempts);
  const askedMs = Math.min(MAX_RETRY_AFTER_MS, failed.retryAfterMs ?? 0);
  const later = { ...again, triedBackendIds: [], notBeforeMs: nowMs + Math.max(askedMs, delayMs * random()) };
  // The backend may still be working on what timed out: never the same size into the same queue.
  return { kind: reason === 'timeout' && chunks > 1 ? 'halve' : 'retry', history: later };
}
