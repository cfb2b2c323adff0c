import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LatencyBucket } from './gateway-reading.ts';
import { bucketsBetween, latencyQuantile, sumBuckets } from './latency-quantile.ts';

const buckets = (...pairs: readonly (readonly [number, number])[]): readonly LatencyBucket[] =>
  pairs.map(([upToSeconds, count]) => ({ upToSeconds, count }));
const INF = Number.POSITIVE_INFINITY;

it.each([
  ['half-way through a bucket', 0.75, buckets([0.1, 10], [0.2, 20], [INF, 20]), 0.15],
  ['from 0 in the first bucket', 0.5, buckets([0.1, 10], [INF, 10]), 0.05],
  ['at a bucket’s end', 0.5, buckets([0.1, 10], [0.2, 20], [INF, 20]), 0.1],
  ['over empty buckets', 0.5, buckets([0.1, 0], [0.2, 0], [0.4, 10], [INF, 10]), 0.3],
  ['the last bound for what lies beyond it', 0.99, buckets([0.1, 1], [60, 2], [INF, 100]), 60],
  ['nothing without requests', 0.5, buckets([0.1, 0], [INF, 0]), undefined],
  ['nothing without a finite bound', 0.5, buckets([INF, 3]), undefined],
  ['nothing of nothing', 0.5, [], undefined],
])('is %s', (_, quantile, histogram, expected) => {
  expect(latencyQuantile(quantile, histogram)).toEqual(
    expected === undefined ? undefined : expect.closeTo(expected, 12),
  );
});

it('lies in the bucket of the request with that rank', () => {
  const bounds = [0.001, 0.01, 0.1, 1, 10];
  const latencies = fc.array(fc.double({ min: 0.0001, max: 9.9, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(latencies, fc.double({ min: 0.01, max: 1, noNaN: true }), (seconds, quantile) => {
      const histogram = [...bounds, INF].map((upToSeconds) => ({
        upToSeconds,
        count: seconds.filter((each) => each <= upToSeconds).length,
      }));
      const exact = seconds.toSorted((a, b) => a - b)[Math.ceil(quantile * seconds.length) - 1] ?? 0;
      const upper = bounds.find((bound) => exact <= bound) ?? 0;
      const lower = bounds.findLast((bound) => bound < upper) ?? 0;
      const found = latencyQuantile(quantile, histogram) ?? -1;
      expect(found).toBeGreaterThanOrEqual(lower - 1e-12);
      expect(found).toBeLessThanOrEqual(upper + 1e-12);
    }),
    { seed: 7 },
  );
});

it('takes the earlier counts away', () => {
  expect(bucketsBetween(buckets([1, 2], [INF, 3]), buckets([1, 5], [INF, 9]))).toEqual(
    buckets([1, 3], [INF, 6]),
  );
});

it('counts a histogram that fell, or wasn’t there, from zero', () => {
  const later = buckets([1, 5], [INF, 9]);
  expect(bucketsBetween(buckets([1, 2], [INF, 10]), later)).toEqual(later);
  expect(bucketsBetween([], later)).toEqual(later);
});

it('adds histograms up by the bounds that all have', () => {
  const sum = sumBuckets([buckets([1, 1], [2, 2], [INF, 3]), [], buckets([2, 10], [4, 15], [INF, 20])]);
  expect(sum).toEqual(buckets([2, 12], [INF, 23]));
  expect(sumBuckets([[], []])).toEqual([]);
});
