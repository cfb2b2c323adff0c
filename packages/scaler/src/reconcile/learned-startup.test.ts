import { expect, it } from 'vitest';
import { learnedStartupSeconds } from './learned-startup.ts';

it.each([
  ['what is expected before anything was seen', [], 60],
  ['the only one', [40], 40],
  ['the mean of two', [40, 50], 45],
  ['the median of more', [900, 40, 50], 50],
])('is %s', (_, seen, seconds) => {
  expect(learnedStartupSeconds(seen, 60)).toBe(seconds);
});
