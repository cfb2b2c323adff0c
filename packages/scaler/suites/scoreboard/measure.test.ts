import { describe, expect, it } from 'vitest';
import { fixed } from '../../src/simulate/references/fixed.ts';
import { measure, median, shiftedBy } from './measure.ts';

const SYSTEM = { perReplica: 1, startupSeconds: 10, min: 0, initial: 0, max: 9 };

describe('measure', () => {
  it('counts waits under 5 s as 5 s', () => {
    const warm = measure([[1, 1]], { ...SYSTEM, initial: 3 }, fixed(3), 0);
    expect(warm).toEqual({ p99: 5, hours: 6 / 3600, actions: 0, firstOrderDelay: 0 });
  });

  it('takes medians over the shifts, and the longest delay of the first order', () => {
    const orders = {
      name: 'at 9',
      start: () => ({ desired: ({ second }: { second: number }) => (second < 9 ? 0 : 1) }),
    };
    const traces = shiftedBy([1, ...new Array<number>(19).fill(0)], [0, 3, 8]);
    // Ordered at 9, ready at 19; the request came at 0, 3 or 8. Hours: 11, 14 and 19 s.
    expect(measure(traces, SYSTEM, orders, 0)).toEqual({
      p99: 16,
      hours: 14 / 3600,
      actions: 1,
      firstOrderDelay: 9,
    });
  });
});

it.each([
  [[3], 3],
  [[9, 1, 5], 5],
  [[4, 1, 9, 2], 3],
  [[1, Infinity], Infinity],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});
