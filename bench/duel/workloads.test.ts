import { expect, it } from 'vitest';
import { mixedSizes, WORKLOADS } from './workloads.ts';

it('mixes many queries, some pages and a few documents', () => {
  const sizes = mixedSizes(5_000, 1);
  const share = (from: number, to: number) =>
    sizes.filter((size) => size >= from && size <= to).length / sizes.length;
  expect(Math.max(...sizes)).toBeGreaterThan(950);
  expect([share(1, 1), share(2, 32), share(33, 128), share(129, 1_000)]).toEqual([
    expect.closeTo(0.6, 1),
    expect.closeTo(0.25, 1),
    expect.closeTo(0.12, 1),
    expect.closeTo(0.03, 1),
  ]);
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
