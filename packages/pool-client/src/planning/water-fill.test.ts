import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Basin, waterFill } from './water-fill.ts';

const SEED = { seed: 20_260_103 };

const GPU: Basin = { freeMs: 0, baseMs: 6, perChunkMs: 0.22, batchLimit: 128, workers: 1 };
const CPU: Basin = { freeMs: 0, baseMs: 2, perChunkMs: 1.6, batchLimit: 32, workers: 1 };

const basins = fc.array(
  fc.record({
    freeMs: fc.double({ min: 0, max: 200, noNaN: true }),
    baseMs: fc.double({ min: 0.1, max: 20, noNaN: true }),
    perChunkMs: fc.double({ min: 0.05, max: 10, noNaN: true }),
    batchLimit: fc.integer({ min: 1, max: 64 }),
    workers: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 6 },
);

const sum = (shares: readonly number[]) => shares.reduce((total, share) => total + share, 0);

/** When a backend has done its share, workers side by side in batches as full as can be. */
function endMs({ freeMs, baseMs, perChunkMs, batchLimit, workers }: Basin, share: number): number {
  if (share === 0) return 0;
  const own = Math.ceil(share / workers);
  return freeMs + Math.ceil(own / batchLimit) * baseMs + perChunkMs * own;
}

const lastEndMs = (given: readonly Basin[], shares: readonly number[]) =>
  Math.max(...given.map((basin, i) => endMs(basin, shares[i] ?? 0)));

/** The earliest end of all ways to share out. */
function bestEndMs(chunks: number, [first, ...others]: readonly Basin[]): number {
  if (first === undefined) return chunks === 0 ? 0 : Number.POSITIVE_INFINITY;
  let best = Number.POSITIVE_INFINITY;
  for (let own = 0; own <= chunks; own += 1) {
    best = Math.min(best, Math.max(endMs(first, own), bestEndMs(chunks - own, others)));
  }
  return best;
}

describe('waterFill', () => {
  it.each([
    [73.19, 31],
    [73.21, 32],
    [100.79, 47],
    [100.81, 48],
  ])(
    'lets a CPU that is free at 20 ms finish by %f ms what a backend of one chunk each leaves',
    (timeMs, share) => {
      // The other one takes one chunk and ends at that time: the CPU gets what it can finish until then.
      const other: Basin = { freeMs: 0, baseMs: 0, perChunkMs: timeMs, batchLimit: 1, workers: 1 };
      expect(waterFill(share + 1, [{ ...CPU, freeMs: 20 }, other])).toEqual([share, 1]);
    },
  );

  it('gives out all, and could not a moment earlier', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), basins, (chunks, given) => {
        const shares = waterFill(chunks, given);
        expect(sum(shares)).toBeGreaterThanOrEqual(chunks);
        const end = lastEndMs(given, shares);
        const before = given.map((basin, i) => {
          let share = shares[i] ?? 0;
          while (share > 0 && endMs(basin, share) >= end - 0.01) share -= 1;
          return share;
        });
        expect(sum(before)).toBeLessThan(chunks);
      }),
      SEED,
    );
  });

  it('ends as early as the best of all ways', () => {
    const few = basins.map((given) => given.slice(0, 3));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), few, (chunks, given) => {
        expect(lastEndMs(given, waterFill(chunks, given))).toBeLessThanOrEqual(
          bestEndMs(chunks, given) + 0.01,
        );
      }),
      SEED,
    );
  });

  it('leaves a CPU out that is 40 times slower than the GPU beside it, for a small job', () => {
    const slow: Basin = { ...CPU, baseMs: 240, perChunkMs: 8.8 };
    expect(waterFill(64, [GPU, slow])).toEqual([64, 0]);
    expect(waterFill(5_000, [GPU, slow])[1]).toBeGreaterThan(0);
  });

  it('gives equal backends equal shares', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 8 }), (chunks, count) => {
        const shares = waterFill(chunks, new Array<Basin>(count).fill(CPU));
        expect(new Set(shares)).toEqual(new Set([Math.ceil(chunks / count)]));
      }),
      SEED,
    );
  });

  it('gives nothing to nobody', () => {
    expect(waterFill(5, [])).toEqual([]);
  });
});
