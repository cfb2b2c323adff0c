import { expect, it } from 'vitest';
import { backOffMs } from './back-off.ts';

it('does not wait after one failure, and doubles its wait from the second on up to five minutes', () => {
  expect([0, 1, 2, 3, 4, 7, 8, 9, 10_000].map(backOffMs)).toEqual([
    0, 0, 5_000, 10_000, 20_000, 160_000, 300_000, 300_000, 300_000,
  ]);
});
