import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Sharer, shareOf } from './share-of.ts';

const cpu: Sharer = { current: 0, min: 0, max: 10, chunksPerSecond: 600, pricePerHour: 0.17 };
const gpu: Sharer = { current: 0, min: 0, max: 3, chunksPerSecond: 4_000, pricePerHour: 2 };

it.each<[string, number, readonly Sharer[], readonly number[]]>([
  ['3,000/s take five small ones', 3_000, [cpu, gpu], [5, 0]],
  ['with at most four, one large', 3_000, [{ ...cpu, max: 4 }, gpu], [0, 1]],
  ['whatever the order of groups', 3_000, [gpu, { ...cpu, max: 4 }], [1, 0]],
  ['what is left over goes to the small ones', 4_500, [{ ...cpu, max: 4 }, gpu], [1, 1]],
  ['minimums are used first', 3_000, [cpu, { ...gpu, min: 1 }], [0, 1]],
  [
    'no work leaves the minimums',
    0,
    [
      { ...cpu, min: 2 },
      { ...gpu, min: 1 },
    ],
    [2, 1],
  ],
  ['too much work takes everything', 1e6, [cpu, gpu], [10, 3]],
  [
    'what runs stays while the other is hardly cheaper',
    600,
    [
      { ...cpu, current: 1 },
      { ...cpu, pricePerHour: 0.16 },
    ],
    [1, 0],
  ],
  [
    'and goes when the other is much cheaper',
    600,
    [
      { ...cpu, current: 1 },
      { ...cpu, pricePerHour: 0.1 },
    ],
    [0, 1],
  ],
  [
    'nothing costs anything',
    1_200,
    [
      { ...cpu, pricePerHour: 0 },
      { ...gpu, pricePerHour: 0 },
    ],
    [0, 1],
  ],
])('%s', (_, chunksPerSecond, groups, counts) => {
  expect(shareOf(chunksPerSecond, groups)).toEqual(counts);
});

/** Every combination within min and max. */
function combinations(groups: readonly Sharer[]): readonly (readonly number[])[] {
  return groups.reduce<readonly (readonly number[])[]>(
    (found, { min, max }) =>
      found.flatMap((counts) => Array.from({ length: max - min + 1 }, (_, i) => [...counts, min + i])),
    [[]],
  );
}

it('does the work at the lowest price of all combinations, ending counted as a fifth', () => {
  const sharer = fc
    .record({
      current: fc.integer({ min: 0, max: 5 }),
      min: fc.integer({ min: 0, max: 2 }),
      more: fc.integer({ min: 0, max: 4 }),
      chunksPerSecond: fc.integer({ min: 1, max: 20 }),
      pricePerHour: fc.integer({ min: 0, max: 9 }),
    })
    .map(({ more, ...each }) => ({ ...each, max: each.min + more }));
  const priceOf = (counts: readonly number[], groups: readonly Sharer[]) =>
    groups.reduce(
      (sum, { current, pricePerHour }, i) =>
        sum + (counts[i]! + 0.2 * Math.max(0, current - counts[i]!)) * pricePerHour,
      0,
    );
  const capacityOf = (counts: readonly number[], groups: readonly Sharer[]) =>
    groups.reduce((sum, { chunksPerSecond }, i) => sum + counts[i]! * chunksPerSecond, 0);
  fc.assert(
    fc.property(
      fc.array(sharer, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 0, max: 200 }),
      (groups, work) => {
        const counts = shareOf(work, groups);
        const able = combinations(groups).filter((each) => capacityOf(each, groups) >= work);
        if (able.length === 0) expect(counts).toEqual(groups.map(({ max }) => max));
        else {
          expect(capacityOf(counts, groups)).toBeGreaterThanOrEqual(work);
          expect(priceOf(counts, groups)).toBeCloseTo(
            Math.min(...able.map((each) => priceOf(each, groups))),
            9,
          );
          expect(groups.every(({ min, max }, i) => counts[i]! >= min && counts[i]! <= max)).toBe(true);
        }
      },
    ),
    { seed: 2, numRuns: 2_000 },
  );
});

it('does not look at every combination of many large groups', () => {
  const groups = Array.from({ length: 5 }, (_, i) => ({
    current: 3,
    min: 0,
    max: 50,
    chunksPerSecond: 500 + 37 * i,
    pricePerHour: 0.17 + 0.011 * i,
  }));
  const beganMs = performance.now();
  for (const part of [0.1, 0.6, 0.9, 2]) shareOf(part * 143_500, groups);
  // Some 30 ms here; all combinations took some 3 s.
  expect(performance.now() - beganMs).toBeLessThan(1_000);
});

it('takes milliseconds also for many groups, and comes near the lowest price', () => {
  const groups = Array.from({ length: 12 }, (_, i) => ({
    current: 3,
    min: 0,
    max: 100,
    chunksPerSecond: 100 + 37 * i,
    pricePerHour: 1 + 0.31 * i,
  }));
  const began = process.cpuUsage();
  const counts = shareOf(20_000, groups);
  const { user } = process.cpuUsage(began);
  expect(user / 1_000).toBeLessThan(200);
  const able = counts.reduce((sum, count, i) => sum + count * (groups[i]?.chunksPerSecond ?? 0), 0);
  const price = counts.reduce((sum, count, i) => sum + count * (groups[i]?.pricePerHour ?? 0), 0);
  const least = 20_000 * Math.min(...groups.map((group) => group.pricePerHour / group.chunksPerSecond));
  expect([able >= 20_000, price < 1.1 * least]).toEqual([true, true]);
});
