/** The measurements that policies know by name. Others come from configuration, such as a Prometheus query. */
export const SIGNAL_NAMES = [
  'arrivals_per_second',
  'requests_per_second',
  'queued_chunks',
  'queue_oldest_seconds',
  'queued_work_seconds',
  'in_flight_chunks',
  'held_requests',
  'chunks_per_second_per_replica',
  'latency_p50_seconds',
  'latency_p95_seconds',
  'latency_p99_seconds',
  'cpu_percent',
  'memory_percent',
  'disk_read_bytes_per_second',
  'disk_write_bytes_per_second',
] as const;

/** `arrivals_per_second` and its like count chunks unless the name says otherwise. Percentages go from 0 to 100 and are a mean over the group's ready replicas. */
export type SignalName = (typeof SIGNAL_NAMES)[number];

/** One measurement of one signal. */
export type Sample =
  | {
      readonly kind: 'value';
      readonly value: number;
      readonly atMs: number;
      /** Where its source publishes seldom: for so long there is no newer one, however old the group lets signals get. */
      readonly freshForSeconds?: number;
    }
  /** Its source could not be read or said nothing. `atMs`: when that was found out. */
  | { readonly kind: 'missing'; readonly reason: string; readonly atMs: number };

/** What is known at one tick, by signal name. A name that isn't there isn't measured. */
export type Samples = Readonly<Record<string, Sample>>;

/** How old a sample may be, in seconds, in a group whose signals are stale after `staleAfterSeconds`. */
export function freshSeconds(sample: Sample, staleAfterSeconds: number): number {
  return sample.kind === 'value' ? Math.max(staleAfterSeconds, sample.freshForSeconds ?? 0) : 0;
}
