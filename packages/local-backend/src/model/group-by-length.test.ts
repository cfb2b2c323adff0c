import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupByLength } from './group-by-length.ts';

const lengths = fc.array(fc.integer({ min: 2, max: 256 }), { maxLength: 80 });
const bounds = fc.record({
  maxTexts: fc.integer({ min: 1, max: 32 }),
  maxTokens: fc.integer({ min: 1, max: 1024 }),
});
const cost = (all: readonly number[], runs: readonly (readonly number[])[]) =>
  runs.reduce((sum, run) => sum + 8 + run.length * Math.max(...run.map((index) => all[index] ?? 0)), 0);

it('gives every text back in its place: grouping, then restoring the order, is the identity', () => {
  fc.assert(
    fc.property(lengths, bounds, (all, limits) => {
      const restored = new Array<number>(all.length);
      for (const run of groupByLength(all, limits))
        for (const index of run) restored[index] = all[index] ?? -1;
      expect(restored).toEqual(all);
      expect(groupByLength(all, limits).flat().length).toBe(all.length);
    }),
    { seed: 1 },
  );
});

it('keeps every run within both bounds, save a single text that is too long', () => {
  fc.assert(
    fc.property(lengths, bounds, (all, limits) => {
      for (const run of groupByLength(all, limits)) {
        const tokens = run.length * Math.max(...run.map((index) => all[index] ?? 0));
        expect(run.length).toBeLessThanOrEqual(limits.maxTexts);
        if (run.length > 1) expect(tokens).toBeLessThanOrEqual(limits.maxTokens);
      }
    }),
    { seed: 2 },
  );
});

it('never costs more than cutting the texts as they come', () => {
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 32 }), (all, maxTexts) => {
      const asTheyCome: number[][] = [];
      for (let i = 0; i < all.length; i += maxTexts) {
        asTheyCome.push(all.slice(i, i + maxTexts).map((_, offset) => i + offset));
      }
      const grouped = groupByLength(all, { maxTexts, maxTokens: Number.POSITIVE_INFINITY });
      expect(cost(all, grouped)).toBeLessThanOrEqual(cost(all, asTheyCome));
    }),
    { seed: 3 },
  );
});

it.each([
  ['nothing', [], []],
  ['one text', [7], [[0]]],
  ['unlike lengths apart', [5, 100, 6], [[1], [0, 2]]],
  ['like lengths together', [10, 10, 10], [[0, 1, 2]]],
])('puts %s', (_, all, runs) => {
  expect(groupByLength(all, { maxTexts: 16, maxTokens: 512 })).toEqual(runs);
});
