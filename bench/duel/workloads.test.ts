import { expect, it } from 'vitest';
import { mixedSizes, WORKLOADS } from './workloads.ts';

it('spreads sizes evenly over the orders of magnitude', () => {
  const sizes = mixedSizes(3_000, 1);
  const share = (from: number, to: number) =>
    sizes.filter((size) => size >= from && size < to).length / sizes.length;
  expect(Math.min(...sizes)).toBe(1);
  expect(Math.max(...sizes)).toBeGreaterThan(950);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
  for (const decade of [1, 10, 100]) expect(share(decade, decade * 10)).toBeCloseTo(1 / 3, 1);
});

it('makes the same sizes for one seed and others for another', () => {
  expect(mixedSizes(50, 7)).toEqual(mixedSizes(50, 7));
  expect(mixedSizes(50, 7)).not.toEqual(mixedSizes(50, 8));
});

it('counts a stream that there is, and compares with a workload that has it too', () => {
  const shapes = new Map(
    WORKLOADS.map(({ name, streams }) => [
      name,
      streams().map(({ requests, ...stream }) => ({ ...stream, bytes: requests[0]?.bytes.length })),
    ]),
  );
  for (const { name, counted, undisturbed = name } of WORKLOADS) {
    const found = shapes.get(name)?.find((stream) => stream.name === counted);
    expect(found).toBeDefined();
    expect(shapes.get(undisturbed)).toContainEqual(found);
  }
});
