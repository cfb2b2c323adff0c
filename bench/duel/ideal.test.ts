import { expect, it } from 'vitest';
import { idealPerSecond } from './ideal.ts';
import { GPU_WEIGHT, IDEAL_PER_SECOND } from './pool.ts';

it('adds up what each server does with batches of one size', () => {
  expect(idealPerSecond([{ aMs: 6, bMs: 0.22 }], 128)).toBeCloseTo(128_000 / 34.16);
  expect(
    idealPerSecond(
      [
        { aMs: 9, bMs: 1 },
        { aMs: 0, bMs: 5 },
      ],
      1,
    ),
  ).toBe(100 + 200);
});

it('says what the pool of the duel can do, and how much more the GPU does than a CPU', () => {
  expect(Math.round(IDEAL_PER_SECOND)).toBe(6_223);
  expect(GPU_WEIGHT).toBe(6);
});
