import type { BackendReading, GatewayReading, LatencyBucket } from './gateway-reading.ts';
import { type ExposedSeries, parseExposition } from './parse-exposition.ts';

/** Answered batches from which on a gateway goes by what it measured, no longer by the backend's class. */
const MEASURED_BATCHES = 2;

/** Turns a gateway's `/metrics` text into a reading. What is malformed, incomplete or not finite is a failed one. */
export function toGatewayReading(gateway: string, beganAtMs: number, text: string): GatewayReading {
  const failed = (problem: string): GatewayReading => ({
    kind: 'failed',
    gateway,
    beganAtMs,
    reason: `${gateway} ${problem}`,
  });
  const parsed = parseExposition(text);
  if (parsed.kind === 'malformed') return failed(`is no exposition: line ${parsed.line}: ${parsed.problem}`);
  const byName = Map.groupBy(
    parsed.series.filter(({ name }) => USED.has(name)),
    ({ name }) => name,
  );
  const absent = REQUIRED.find((name) => !byName.has(name));
  if (absent !== undefined) return failed(`has no ${absent}: is it a gateway's?`);
  const odd = [...byName.values()].flat().find(({ value }) => !(Number.isFinite(value) && value >= 0));
  if (odd !== undefined) return failed(`says ${odd.name} is ${odd.value}`);
  const all = (name: string) => byName.get(name) ?? [];
  const bounds = all('forebay_request_duration_seconds_bucket').map(({ labels }) => labels.get('le') ?? '');
  const noBound = bounds.find((bound) => Number.isNaN(toSeconds(bound)));
  if (noBound !== undefined) return failed(`says a request took up to ${noBound} seconds`);
  const sum = (name: string) => all(name).reduce((total, { value }) => total + value, 0);
  return {
    kind: 'read',
    gateway,
    beganAtMs,
    queuedChunks: new Map(
      all('forebay_queue_depth').map(({ labels, value }) => [labels.get('priority') ?? '', value]),
    ),
    queueOldestSeconds: sum('forebay_queue_oldest_seconds'),
    queuedWorkSeconds: sum('forebay_queued_work_seconds'),
    receivedTotal: sum('forebay_chunks_received_total'),
    requestsTotal: all('forebay_requests_total').reduce(
      (total, { labels, value }) => total + (isWrong(labels.get('code') ?? '') ? 0 : value),
      0,
    ),
    heldRequests: sum('forebay_held_requests'),
    latencyBuckets: toBuckets(all('forebay_request_duration_seconds_bucket')),
    backends: toBackends(all),
  };
}

const REQUIRED = [
  'forebay_queue_depth',
  'forebay_queue_oldest_seconds',
  'forebay_queued_work_seconds',
  'forebay_chunks_received_total',
  'forebay_held_requests',
] as const;

/** Those with labels have no series before something happened. */
const USED: ReadonlySet<string> = new Set([
  ...REQUIRED,
  'forebay_requests_total',
  'forebay_request_duration_seconds_bucket',
  'forebay_inflight_chunks',
  'forebay_backend_up',
  'forebay_backend_chunks_per_second',
  'forebay_backend_batches_total',
]);

/** Refused at the door: no replica had or will have work with it. */
function isWrong(code: string): boolean {
  return code.startsWith('4') && code !== '429' && code !== '499';
}

function toBuckets(series: readonly ExposedSeries[]): readonly LatencyBucket[] {
  const counts = new Map<number, number>();
  for (const { labels, value } of series) {
    const upToSeconds = toSeconds(labels.get('le') ?? '');
    counts.set(upToSeconds, (counts.get(upToSeconds) ?? 0) + value);
  }
  return [...counts]
    .map(([upToSeconds, count]) => ({ upToSeconds, count }))
    .sort((a, b) => a.upToSeconds - b.upToSeconds);
}

function toSeconds(bound: string): number {
  return bound === '+Inf' ? Number.POSITIVE_INFINITY : Number.parseFloat(bound);
}

function toBackends(all: (name: string) => readonly ExposedSeries[]): ReadonlyMap<string, BackendReading> {
  const byBackend = (series: readonly ExposedSeries[]) =>
    new Map(series.map(({ labels, value }) => [labels.get('backend') ?? '', value]));
  const up = byBackend(all('forebay_backend_up'));
  const rate = byBackend(all('forebay_backend_chunks_per_second'));
  const answered = byBackend(
    all('forebay_backend_batches_total').filter(({ labels }) => labels.get('outcome') === 'ok'),
  );
  return new Map(
    all('forebay_inflight_chunks').map(({ labels, value }) => {
      const id = labels.get('backend') ?? '';
      const measured = (answered.get(id) ?? 0) >= MEASURED_BATCHES;
      return [
        id,
        {
          class: labels.get('class') ?? '',
          up: up.get(id) === 1,
          inFlightChunks: value,
          chunksPerSecond: (measured && rate.get(id)) || undefined,
        },
      ];
    }),
  );
}
