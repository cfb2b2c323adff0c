import type { Sample } from '../values/sample.ts';
import type { ReadGateway } from './gateway-reading.ts';
import { bucketsBetween, countOf, latencyQuantile, sumBuckets } from './latency-quantile.ts';

/** Two readings of one gateway, the later one taken later. */
export interface Interval {
  readonly earlier: ReadGateway;
  readonly later: ReadGateway;
}

const FIRST_READING = 'it takes a second reading';

/** Sum of the gateways' rates, each over its own interval. A counter that fell was started anew and counts from zero. */
export function rateSample(
  intervals: readonly Interval[],
  of: (reading: ReadGateway) => number,
  atMs: number,
): Sample {
  if (intervals.length === 0) return { kind: 'missing', reason: FIRST_READING, atMs };
  const perSecond = intervals.map(({ earlier, later }) => {
    const [before, after] = [of(earlier), of(later)];
    const added = after < before ? after : after - before;
    return (1_000 * added) / (later.beganAtMs - earlier.beganAtMs);
  });
  return { kind: 'value', value: perSecond.reduce((sum, each) => sum + each, 0), atMs };
}

/**
 * Percentiles of the requests that ended in the interval, all gateways together. Where none ended: 0 while nothing is under
 * way, as nobody waits; missing while something is, as it may be slow beyond measure and must not look fast.
 */
export function latencySamples(
  intervals: readonly Interval[],
  underWay: number,
  atMs: number,
): Record<'latency_p50_seconds' | 'latency_p95_seconds' | 'latency_p99_seconds', Sample> {
  const buckets = sumBuckets(
    intervals.map(({ earlier, later }) => bucketsBetween(earlier.latencyBuckets, later.latencyBuckets)),
  );
  const missing = (reason: string): Sample => ({ kind: 'missing', reason, atMs });
  const quantile = (of: number): Sample => {
    if (intervals.length === 0) return missing(FIRST_READING);
    if (countOf(buckets) === 0) {
      return underWay === 0
        ? { kind: 'value', value: 0, atMs }
        : missing('no request has ended since the last reading, but some are under way');
    }
    const value = latencyQuantile(of, buckets);
    return value === undefined
      ? missing('the gateways count latency by different bounds')
      : { kind: 'value', value, atMs };
  };
  return {
    latency_p50_seconds: quantile(0.5),
    latency_p95_seconds: quantile(0.95),
    latency_p99_seconds: quantile(0.99),
  };
}
