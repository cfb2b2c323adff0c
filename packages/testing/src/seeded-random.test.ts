import { expect, it } from 'vitest';
import { seededRandom } from './seeded-random.ts';

function take(seed: number, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random());
}

it('gives the same row for the same seed and another for another', () => {
  expect(take(42, 3)).toEqual([0.6011037519201636, 0.44829055899754167, 0.8524657934904099]);
  expect(take(43, 3)).not.toEqual(take(42, 3));
});

it('stays between 0 and 1 and fills the range evenly', () => {
  const tenths = Array.from({ length: 10 }, () => 0);
  for (const value of take(7, 10_000)) {
    expect(value >= 0 && value < 1).toBe(true);
    tenths[Math.floor(value * 10)]! += 1; // 0 to 9, as just checked
  }
  expect(Math.min(...tenths)).toBeGreaterThan(900);
});
