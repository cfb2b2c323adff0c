import type { Sample, Samples, SignalName } from '../values/sample.ts';
import type { GatewayReading, ReadGateway } from './gateway-reading.ts';
import { type Interval, latencySamples, rateSample } from './interval-samples.ts';
import type { MeasuredGroup } from './measured-group.ts';
import { replicaRate } from './replica-rate.ts';

/** A gateway's last reading, and the last good one before it where there is one. */
export interface GatewayHistory {
  readonly current: GatewayReading;
  readonly earlier?: ReadGateway | undefined;
}

/**
 * What all gateways together say for one group.
 *
 * Queue, arrivals, requests, held ones and latency are those of the gateways as a whole: they don't know groups, and each group
 * sees all of it. While one gateway can't be read, all signals are missing, since a smaller sum would scale in; only
 * the speed of replicas, which isn't a sum, is taken from the others.
 *
 * `queued_work_seconds` is the sum over gateways: each predicts as if it had all backends to itself, q/R, and Q/R = Σ q/R. Where
 * they slow each other down, each has learned a smaller R and the sum is too large: more replicas, never fewer.
 */
export function gatewaySamples(
  histories: readonly GatewayHistory[],
  group: MeasuredGroup,
  nowMs: number,
): Samples {
  const readings = histories.map(({ current }) => current);
  const read = readings.filter((reading) => reading.kind === 'read');
  const speed = replicaRate(read, group);
  const lost = whyLost(readings, nowMs);
  const speedSample: Sample | undefined =
    speed === undefined
      ? read.length === 0
        ? lost
        : undefined
      : { kind: 'value', value: speed, atMs: oldest(read, nowMs) };
  const whole: Samples = lost
    ? Object.fromEntries(WHOLE.map((name) => [name, lost]))
    : wholeSamples(histories, read, group, nowMs);
  return { ...whole, ...(speedSample && { chunks_per_second_per_replica: speedSample }) };
}

/** Signals that are right only when every gateway was read. */
const WHOLE = [
  'arrivals_per_second',
  'requests_per_second',
  'queued_chunks',
  'queue_oldest_seconds',
  'queued_work_seconds',
  'in_flight_chunks',
  'held_requests',
  'latency_p50_seconds',
  'latency_p95_seconds',
  'latency_p99_seconds',
] as const satisfies readonly SignalName[];

function wholeSamples(
  histories: readonly GatewayHistory[],
  read: readonly ReadGateway[],
  { replicaIds }: MeasuredGroup,
  nowMs: number,
): Record<(typeof WHOLE)[number], Sample> {
  const atMs = oldest(read, nowMs);
  const value = (number: number): Sample => ({ kind: 'value', value: number, atMs });
  const sum = (of: (reading: ReadGateway) => number) => read.reduce((total, each) => total + of(each), 0);
  const queued = sum(({ queuedChunks }) => [...queuedChunks.values()].reduce((a, b) => a + b, 0));
  const held = sum(({ heldRequests }) => heldRequests);
  const inFlightOf = ({ backends }: ReadGateway, ids: Iterable<string>) =>
    [...ids].reduce((total, id) => total + (backends.get(id)?.inFlightChunks ?? 0), 0);
  const underWay = queued + held + sum((each) => inFlightOf(each, each.backends.keys()));
  const intervals = toIntervals(histories);
  return {
    arrivals_per_second: rateSample(intervals, ({ receivedTotal }) => receivedTotal, atMs),
    requests_per_second: rateSample(intervals, ({ requestsTotal }) => requestsTotal, atMs),
    queued_chunks: value(queued),
    queue_oldest_seconds: value(Math.max(...read.map(({ queueOldestSeconds }) => queueOldestSeconds))),
    queued_work_seconds: value(sum(({ queuedWorkSeconds }) => queuedWorkSeconds)),
    in_flight_chunks: value(sum((each) => inFlightOf(each, replicaIds))),
    held_requests: value(held),
    ...latencySamples(intervals, underWay, atMs),
  };
}

/** Gateways seen for the first time have none: they tell of rates from their second reading on. */
function toIntervals(histories: readonly GatewayHistory[]): readonly Interval[] {
  return histories.flatMap(({ current, earlier }) =>
    current.kind === 'read' && earlier && earlier.beganAtMs < current.beganAtMs
      ? [{ earlier, later: current }]
      : [],
  );
}

/** Undefined when every gateway was read. */
function whyLost(readings: readonly GatewayReading[], nowMs: number): Sample | undefined {
  if (readings.length === 0) return { kind: 'missing', reason: 'there is no gateway to read', atMs: nowMs };
  const failed = readings.filter((reading) => reading.kind === 'failed');
  const [first, ...others] = failed;
  if (first === undefined) return undefined;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return { kind: 'missing', reason: `${first.reason}${more}`, atMs: first.beganAtMs };
}

function oldest(read: readonly ReadGateway[], nowMs: number): number {
  return Math.min(nowMs, ...read.map(({ beganAtMs }) => beganAtMs));
}
