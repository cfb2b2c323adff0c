import type { CostCurve } from './cost-model.ts';

/** Share of a batch's time that may go to its fixed cost: beyond, a larger batch gains little and waits longer. */
const FIXED_SHARE = 0.05;

/**
 * A fixed cost below this can't be told from none by stamps that scatter as much. Believed as none it would make batches small,
 * and small batches alone never show it: the limit would stay low.
 */
const LEAST_KNOWN_BASE_MS = 2;

/**
 * Fewer chunks no batch is held to, whatever the curve says: a curve learned from small batches alone says nothing of larger
 * ones. A real CPU engine is at its best with 8 long chunks.
 */
const LEAST = 8;

/** Longest time that one batch is planned for, in milliseconds: a query that comes now waits no longer for its turn. */
export const LONGEST_BATCH_MS = 100;

/**
 * Chunks in one batch by the learned curve: 19 times base over chunk makes the fixed cost 5 %. At most what is predicted to
 * take 100 ms, and within 8 and `most`.
 *
 * A GPU of 6 + 0.22·n ms would take 518, and gets the usual most of 256; a CPU of 2 + 1.6·n ms gets 23.
 */
export function batchLimit(
  { baseMs, perChunkMs }: { readonly baseMs: number; readonly perChunkMs: number },
  most: number,
): number {
  if (perChunkMs <= 0) return most;
  const byShare = (Math.max(LEAST_KNOWN_BASE_MS, baseMs) / perChunkMs) * ((1 - FIXED_SHARE) / FIXED_SHARE);
  const byTime = (LONGEST_BATCH_MS - baseMs) / perChunkMs;
  return Math.min(most, Math.max(LEAST, Math.floor(Math.min(byShare, byTime))));
}

/** Less no batch costs, in milliseconds. */
const LEAST_BASE_MS = 0.01;

/** The curve as a line over chunks, for chunks of a length. */
export function lineAt(
  curve: CostCurve,
  characters: number,
): { readonly baseMs: number; readonly perChunkMs: number } {
  return {
    // Nothing is free: a line through zero could not be divided by.
    baseMs: Math.max(LEAST_BASE_MS, curve.baseMs),
    perChunkMs: curve.perChunkMs + curve.perKilocharacterMs * (characters / 1_000),
  };
}
