import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tenantWeight } from './backends-list.ts';

const weight = (priority: number, resourceAllocation: number) =>
  tenantWeight({ id: 'a', priority, resourceAllocation });

it.each([
  [5, 0, 1],
  [8, 30, 4.525],
  [7, 0, 2],
  [5, 50, 2],
  [0, 0, 0.177],
  [10, 100, 16.971],
])('weighs priority %d with %d %% as %d', (priority, allocation, expected) => {
  expect(weight(priority, allocation)).toBe(expected);
});

it('grows with both and is always a weight that gateways take', () => {
  const priority = fc.double({ min: 0, max: 10, noNaN: true });
  const allocation = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(priority, priority, allocation, allocation, (p, otherP, a, otherA) => {
      const less = weight(Math.min(p, otherP), Math.min(a, otherA));
      const more = weight(Math.max(p, otherP), Math.max(a, otherA));
      expect(less).toBeGreaterThan(0);
      expect(more).toBeGreaterThanOrEqual(less);
    }),
    { seed: 1 },
  );
});
