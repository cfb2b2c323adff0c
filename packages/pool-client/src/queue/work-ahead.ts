/** One tenant's waiting work at one priority. */
export interface WaitingWork {
  readonly workMs: number;
  readonly weight: number;
}

/**
 * Work that is done before and with `own`, in milliseconds, if the queue were a fluid: higher priorities whole; of every other
 * tenant at the same priority as much as its weight lets it have meanwhile, at most what it has; and lower priorities' least
 * share on top. Neither work that comes later nor batch sizes are in it.
 */
export function workAheadMs(
  own: WaitingWork,
  others: Iterable<WaitingWork>,
  higherMs: number,
  lower: { readonly workMs: number; readonly share: number },
): number {
  let workMs = own.workMs + higherMs;
  const perWeightMs = own.workMs / own.weight;
  for (const other of others) workMs += Math.min(other.workMs, perWeightMs * other.weight);
  return workMs + Math.min(lower.workMs, (workMs * lower.share) / (1 - lower.share));
}
