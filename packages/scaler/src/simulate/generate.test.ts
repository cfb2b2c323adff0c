import { describe, expect, it } from 'vitest';
import { GENERATED_NAMES, type GeneratedName, generateTrace } from './generate.ts';

const meanOf = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, one) => sum + one, 0) / values.length;
function variationOf(values: ArrayLike<number>): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(Array.from(values, (one) => (one - mean) ** 2))) / mean;
}
/** Requests in each part of so many seconds. */
const parts = (trace: Int32Array, seconds: number) =>
  Array.from({ length: Math.floor(trace.length / seconds) }, (_, part) =>
    meanOf(trace.slice(part * seconds, (part + 1) * seconds)),
  );
const SEEDS = [1, 2, 3, 4, 5] as const;
const each = GENERATED_NAMES.flatMap((name) => SEEDS.map((seed) => [name, seed] as const));

describe('generateTrace', () => {
  it.each(each)('makes the same %s from seed %i each time, and another from the next', (name, seed) => {
    const trace = generateTrace(name, seed);
    expect(generateTrace(name, seed)).toEqual(trace);
    expect(generateTrace(name, seed + 1)).not.toEqual(trace);
  });

  it.each(each)('keeps to the mean and the length asked of %s, seed %i', (name, seed) => {
    const trace = generateTrace(name, seed, { mean: 20, seconds: 5000 });
    expect(trace.length).toBe(5000);
    expect(meanOf(trace) / 20).toBeCloseTo(1, 1);
  });

  it.each([
    ['bursty', 1.5, 2.2],
    ['diurnal', 0.3, 0.8],
    ['flash', 0.7, 1.6],
    ['bulk', 0.7, 1.6],
  ] satisfies [GeneratedName, number, number][])('varies %s by %d to %d of the mean', (name, low, high) => {
    const variations = SEEDS.map((seed) => variationOf(parts(generateTrace(name, seed, { mean: 20 }), 10)));
    expect(Math.min(...variations)).toBeGreaterThan(low);
    expect(Math.max(...variations)).toBeLessThan(high);
  });

  it.each(SEEDS)(
    'holds ten times the base for twenty minutes twice in two hours of bulk, seed %i',
    (seed) => {
      const minutes = parts(generateTrace('bulk', seed, { mean: 20 }), 60);
      const base = Math.min(...minutes);
      expect(minutes.filter((one) => one > 8 * base).length).toBeGreaterThanOrEqual(38);
      expect(minutes.filter((one) => one > 8 * base).length).toBeLessThanOrEqual(40);
    },
  );

  it.each(SEEDS)(
    'lets three crowds of 8 to 10 times the base come within seconds in two hours of flash, seed %i',
    (seed) => {
      const tens = parts(generateTrace('flash', seed, { mean: 50 }), 10);
      const base = tens.toSorted((a, b) => a - b)[Math.floor(tens.length / 4)] ?? 0;
      const arrivals = tens.filter((one, index) => one > 5 * base && (tens[index - 2] ?? 0) < 2 * base);
      expect(arrivals.length).toBeGreaterThanOrEqual(3);
      expect(Math.max(...tens) / base).toBeGreaterThan(7);
      expect(Math.max(...tens) / base).toBeLessThan(11.5);
    },
  );
});
