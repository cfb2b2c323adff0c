import type { PolicyContext } from './policy-context.ts';

/** A queue that was never shorter for so long is one that the replicas don't get ahead of. */
const STANDING_SECONDS = 30;

/**
 * The fewest chunks that waited at any tick of the last half minute; 0 while less of it is known, while the count has changed in it or
 * replicas are starting: what was ordered shall show first.
 *
 * Callers that wait for their answers before they ask again never send more than the replicas do: their arrivals look like enough
 * capacity, and only the queue that always stands shows that it isn't.
 */
export function standingQueue({ past, samples, nowMs, current, startingAgesSeconds }: PolicyContext): number {
  const now = samples.queued_chunks;
  if (now?.kind !== 'value' || startingAgesSeconds.length > 0) return 0;
  const sinceMs = nowMs - STANDING_SECONDS * 1_000;
  let fewest = now.value;
  for (let i = past.length - 1; i >= 0; i -= 1) {
    // `as` holds: the loop stays inside the list.
    const { decidedAtMs, signals, target, starting } = past[i] as (typeof past)[number];
    if (target !== current || starting > 0) return 0;
    const seen = signals.queued_chunks;
    if (seen?.kind === 'value') fewest = Math.min(fewest, seen.value);
    if (decidedAtMs <= sinceMs) return fewest;
  }
  return 0;
}
