import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Waits } from './waits.ts';

const of = (...runs: readonly (readonly [number, number, number])[]): Waits => {
  const waits = new Waits();
  for (const run of runs) waits.add(...run);
  return waits;
};

describe('Waits', () => {
  it.each([
    ['of none, 0', of(), 0.99, 0],
    ['of those without a wait, 0', of([0, 0, 99], [7, 7, 1]), 0.99, 0],
    ['the rank above them', of([0, 0, 98], [7, 7, 1], [9, 9, 1]), 0.99, 7],
    ['inside a run: 1, 2, … 100', of([1, 100, 100]), 0.99, 99],
    ['inside a falling run', of([100, 1, 100]), 0.5, 50],
    ['across runs that overlap: 1 3 5 and 2 4 6', of([1, 5, 3], [2, 6, 3]), 0.5, 3],
    ['the last', of([1, 5, 3], [2, 6, 3]), 1, 6],
    ['of a single one', of([0.25, 0.25, 1]), 0.01, 0.25],
  ])('finds the percentile %s', (_, waits, share, expected) => {
    expect(waits.percentile(share)).toBe(expected);
  });

  it('is infinite where the rank falls on an unserved request, and only there', () => {
    const waits = of([3, 3, 98]);
    waits.addUnserved(2);
    expect([waits.percentile(0.98), waits.percentile(0.99), waits.max(), waits.unserved]).toEqual([
      3,
      Infinity,
      Infinity,
      2,
    ]);
  });

  it('agrees with sorting every single wait', () => {
    const run = fc.tuple(fc.nat(50), fc.nat(50), fc.integer({ min: 1, max: 20 }));
    fc.assert(
      fc.property(
        fc.array(run, { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (runs, share) => {
          const each = runs
            .flatMap(([first, last, count]) =>
              Array.from({ length: count }, (_, i) =>
                count === 1 ? null : first + ((last - first) * i) / (count - 1),
              ),
            )
            .filter((one) => one !== null)
            .toSorted((a, b) => a - b);
          const manyOnly = runs.filter(([, , count]) => count > 1);
          if (each.length === 0) return;
          const rank = Math.ceil(share * each.length - 1e-9);
          expect(of(...manyOnly).percentile(share)).toBeCloseTo(each[rank - 1] ?? Number.NaN, 5);
        },
      ),
    );
  });
});
