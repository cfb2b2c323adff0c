import type { ExposedSeries } from './parse-exposition.ts';

/** Prints as Prometheus clients do. */
export function printExposition(series: readonly ExposedSeries[]): string {
  return series.map((each) => `${printSeries(each)}\n`).join('');
}

function printSeries({ name, labels, value, timestampMs }: ExposedSeries): string {
  const pairs = [...labels].map(([key, text]) => `${key}="${escapeValue(text)}"`);
  const braces = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  return `${name}${braces} ${printNumber(value)}${timestampMs === undefined ? '' : ` ${timestampMs}`}`;
}

function escapeValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function printNumber(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? String(value) : String(value).replace('Infinity', 'Inf');
}

/** What a canned gateway says; everything is 0 or absent unless given. */
export interface CannedGateway {
  readonly queued?: number;
  readonly oldestSeconds?: number;
  readonly workSeconds?: number;
  readonly received?: number;
  readonly held?: number;
  /** By status. */
  readonly requests?: Readonly<Record<string, number>>;
  readonly backends?: Readonly<
    Record<string, { readonly inFlight?: number; readonly rate?: number; readonly batches?: number }>
  >;
}

/** The exposition of a gateway, as far as the scaler reads it. */
export function cannedExposition({
  queued = 0,
  oldestSeconds = 0,
  workSeconds = 0,
  received = 0,
  held = 0,
  requests = {},
  backends = {},
}: CannedGateway): string {
  const one = (name: string, value: number, labels: Readonly<Record<string, string>> = {}) => ({
    name: `forebay_${name}`,
    labels: new Map(Object.entries(labels)),
    value,
  });
  return printExposition([
    one('queue_depth', queued, { priority: 'default' }),
    one('queue_oldest_seconds', oldestSeconds),
    one('queued_work_seconds', workSeconds),
    one('chunks_received_total', received),
    one('held_requests', held),
    ...Object.entries(requests).map(([code, count]) => one('requests_total', count, { api: 'djl', code })),
    ...Object.entries(backends).flatMap(([backend, { inFlight = 0, rate = 500, batches = 0 }]) => [
      one('inflight_chunks', inFlight, { backend, class: 'cpu' }),
      one('backend_up', 1, { backend, class: 'cpu' }),
      one('backend_chunks_per_second', rate, { backend, class: 'cpu' }),
      one('backend_batches_total', batches, { backend, outcome: 'ok' }),
    ]),
  ]);
}
