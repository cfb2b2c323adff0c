import { expect, it } from 'vitest';
import { percentile } from './percentile.ts';

it.each([
  ['the lower of two middle values', [4, 1, 3, 2], 0.5, 2],
  ['the largest for a ratio near 1', [10, 9, 100], 0.99, 100],
  ['the smallest for 0', [3, 2, 1], 0, 1],
  ['the largest for 1', [3, 2, 1], 1, 3],
  ['the only value', [7], 0.5, 7],
  ['numbers in order of size, not of spelling', [10, 9, 1], 0.34, 9],
  ['nothing without values', [], 0.5, Number.NaN],
])('is %s', (_, values, ratio, expected) => {
  expect(percentile(values, ratio)).toBe(expected);
});

it('leaves the values in their order', () => {
  const values = [3, 1, 2];
  percentile(values, 0.5);
  expect(values).toEqual([3, 1, 2]);
});
