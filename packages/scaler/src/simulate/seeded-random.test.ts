import { describe, expect, it } from 'vitest';
import { normal, pareto, poisson, seededRandom } from './seeded-random.ts';

const draw = (count: number, one: (random: () => number) => number): readonly number[] => {
  const random = seededRandom(7);
  return Array.from({ length: count }, () => one(random));
};
const meanOf = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

describe('seeded chance', () => {
  it('stays within 0 and 1 and is even', () => {
    const numbers = draw(20_000, (random) => random());
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(meanOf(numbers)).toBeCloseTo(0.5, 2);
  });

  it.each([0, 0.3, 5, 59, 61, 400])('draws Poisson numbers with a mean and variance of %d', (mean) => {
    const numbers = draw(20_000, (random) => poisson(mean, random));
    const found = meanOf(numbers);
    const variance = meanOf(numbers.map((one) => (one - found) ** 2));
    expect(Math.abs(found - mean)).toBeLessThan(0.02 * mean + 0.02);
    expect(Math.abs(variance - mean)).toBeLessThan(0.05 * mean + 0.02);
  });

  it('draws standard normal numbers', () => {
    const numbers = draw(20_000, normal);
    expect(meanOf(numbers)).toBeCloseTo(0, 1);
    expect(meanOf(numbers.map((one) => one * one))).toBeCloseTo(1, 1);
  });

  it('draws Pareto numbers between its bounds', () => {
    const numbers = draw(20_000, (random) => pareto(2, 1.5, 50, random));
    expect([Math.min(...numbers) >= 2, Math.max(...numbers)]).toEqual([true, 50]);
    // P(x > 4) = (2 ÷ 4)^1.5
    expect(numbers.filter((one) => one > 4).length / 20_000).toBeCloseTo(0.354, 1);
  });
});
