/** A backend as water-filling sees it. */
export interface Basin {
  /** Milliseconds until it can begin a further batch. */
  readonly freeMs: number;
  /** Milliseconds of a batch beside its chunks; above 0 or `perChunkMs` is. */
  readonly baseMs: number;
  readonly perChunkMs: number;
  /** Most chunks in one batch, at least 1. */
  readonly batchLimit: number;
  /** Batches it works on at once, at least 1. */
  readonly workers: number;
}

/** Enough to tell a millisecond in 4 hours. */
const BISECTIONS = 24;

/**
 * Shares `chunks` out so that the last of them is done as early as can be: the smallest time T by which what each backend
 * can finish adds up to all. A backend that can't finish one chunk by then gets none.
 *
 * Each backend gets whole batches and a rest: with 20 ms until it is free, 2 + 1.6·n ms a batch and 32 chunks at most, a CPU
 * finishes 32 chunks by 73.2 ms and 48 by 100.8. Costs k × 24 steps for k backends, whatever `chunks` is.
 */
export function waterFill(chunks: number, basins: readonly Basin[]): readonly number[] {
  let low = 0;
  let high = 1;
  while (finishedBy(high, basins) < chunks) {
    low = high;
    high *= 4;
    if (high > LONGEST_MS) return basins.map(() => 0);
  }
  for (let i = 0; i < BISECTIONS; i += 1) {
    const middle = (low + high) / 2;
    if (finishedBy(middle, basins) >= chunks) high = middle;
    else low = middle;
  }
  return basins.map((basin) => finishes(basin, high));
}

/** Nothing takes longer than a year. */
const LONGEST_MS = 4e10;

function finishedBy(timeMs: number, basins: readonly Basin[]): number {
  let chunks = 0;
  for (const basin of basins) chunks += finishes(basin, timeMs);
  return chunks;
}

/** Chunks that a backend can finish by a time. */
function finishes({ freeMs, baseMs, perChunkMs, batchLimit, workers }: Basin, timeMs: number): number {
  const spareMs = timeMs - freeMs;
  if (spareMs <= 0) return 0;
  const batchMs = baseMs + perChunkMs * batchLimit;
  const batches = Math.floor(spareMs / batchMs);
  const restMs = spareMs - batches * batchMs - baseMs;
  const rest = restMs <= 0 ? 0 : Math.min(batchLimit, Math.floor(restMs / perChunkMs));
  return workers * (batches * batchLimit + rest);
}
