import type { LatencyBucket } from './gateway-reading.ts';

/** What was added to a histogram between two readings of it. One that fell was started anew: it counts from zero. */
export function bucketsBetween(
  earlier: readonly LatencyBucket[],
  later: readonly LatencyBucket[],
): readonly LatencyBucket[] {
  const before = new Map(earlier.map(({ upToSeconds, count }) => [upToSeconds, count]));
  const fell = later.some(({ upToSeconds, count }) => count < (before.get(upToSeconds) ?? 0));
  if (fell) return later;
  return later.map(({ upToSeconds, count }) => ({
    upToSeconds,
    count: count - (before.get(upToSeconds) ?? 0),
  }));
}

/** Several histograms as one, by the bounds that all of them have; empty ones don't count. */
export function sumBuckets(histograms: readonly (readonly LatencyBucket[])[]): readonly LatencyBucket[] {
  const [first, ...others] = histograms.filter((buckets) => buckets.length > 0);
  if (first === undefined) return [];
  const maps = others.map(
    (buckets) => new Map(buckets.map(({ upToSeconds, count }) => [upToSeconds, count])),
  );
  return first.flatMap(({ upToSeconds, count }) => {
    const counts = maps.map((buckets) => buckets.get(upToSeconds));
    return counts.every((other) => other !== undefined)
      ? [{ upToSeconds, count: counts.reduce<number>((sum, other) => sum + other, count) }]
      : [];
  });
}

/** Requests in a cumulative histogram. */
export function countOf(buckets: readonly LatencyBucket[]): number {
  return buckets.at(-1)?.count ?? 0;
}

/**
 * The `quantile` (0 to 1) in seconds as Prometheus' `histogram_quantile` has it: linear inside a bucket, the first one
 * beginning at 0; what lies beyond the last finite bound is that bound. Undefined for no requests or no finite bound.
 *
 * 10 requests up to 0.1 s and 10 more up to 0.2 s: the 0.75 quantile is the 15th of 20, half-way through the second bucket, 0.15 s.
 */
export function latencyQuantile(quantile: number, buckets: readonly LatencyBucket[]): number | undefined {
  const total = countOf(buckets);
  const finite = buckets.filter(({ upToSeconds }) => Number.isFinite(upToSeconds));
  if (total === 0 || finite.length === 0) return undefined;
  const rank = quantile * total;
  const index = finite.findIndex(({ count }) => count >= rank);
  const bucket = finite[index];
  if (bucket === undefined) return finite.at(-1)?.upToSeconds;
  const { upToSeconds: from, count: below } = finite[index - 1] ?? { upToSeconds: 0, count: 0 };
  const inside = bucket.count - below;
  // Only the 0 quantile can fall on an empty bucket.
  return inside === 0 ? from : from + ((bucket.upToSeconds - from) * (rank - below)) / inside;
}
