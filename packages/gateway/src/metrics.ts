import { type EmbedderPool, type PoolEvent, PRIORITIES } from '@forebay/pool-client';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the gateway measures; the pool's own events are subscribed to. */
export interface Metrics {
  requestEnded(api: string, code: number, durationMs: number): void;
  /** A request was refused for lack of room before the pool got to see it. */
  requestShed(reason: 'key-limit' | 'answers-unread' | 'bodies-arriving'): void;
  /** Prometheus text. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const CHUNKS = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const BREAKER_STATES = { closed: 0, 'half-open': 1, open: 2 } as const;

/** Default metrics of Node whose names promtool refuses: counters without `_total`, gauges with it, units not in the base. */
const REFUSED_DEFAULTS = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Registers every metric and follows the pool. */
export function gatewayMetrics(pool: EmbedderPool): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of REFUSED_DEFAULTS) registry.removeSingleMetric(name);
  const requests = requestMetrics(registry);
  const refreshGauges = poolGauges(registry, pool);
  pool.subscribe(poolListener(registry, requests.shed));
  return {
    requestEnded(api, code, durationMs) {
      requests.total.inc({ api, code });
      requests.seconds.observe({ api }, durationMs / 1_000);
    },
    requestShed: (reason) => requests.shed.inc({ reason }),
    async render() {
      refreshGauges();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

function requestMetrics(registry: Registry) {
  const registers = [registry];
  return {
    total: new Counter({
      name: 'forebay_requests_total',
      help: 'Requests to the embedding routes by API and status; 499 is a caller that left',
      labelNames: ['api', 'code'],
      registers,
    }),
    seconds: new Histogram({
      name: 'forebay_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer',
      labelNames: ['api'],
      buckets: SECONDS,
      registers,
    }),
    shed: new Counter({
      name: 'forebay_shed_total',
      help: 'Requests refused for lack of room by reason',
      labelNames: ['reason'],
      registers,
    }),
  };
}

function poolListener(registry: Registry, shed: Counter): (event: PoolEvent) => void {
  const registers = [registry];
  const waits = new Histogram({
    name: 'forebay_queue_wait_seconds',
    help: 'Time that chunks waited before they were sent, observed for each part of a request in a batch',
    buckets: SECONDS,
    registers,
  });
  const received = new Counter({
    name: 'forebay_chunks_received_total',
    help: 'Chunks accepted',
    registers,
  });
  const settled = new Counter({
    name: 'forebay_chunks_total',
    help: 'Chunks settled by outcome',
    labelNames: ['outcome'],
    registers,
  });
  const batches = new Counter({
    name: 'forebay_backend_batches_total',
    help: 'Batches by backend and outcome',
    labelNames: ['backend', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'forebay_backend_request_duration_seconds',
    help: 'Time from sending a batch to its end',
    labelNames: ['backend'],
    buckets: SECONDS,
    registers,
  });
  const sizes = new Histogram({
    name: 'forebay_batch_chunks',
    help: 'Chunks in a batch',
    labelNames: ['backend'],
    buckets: CHUNKS,
    registers,
  });
  const retries = new Counter({
    name: 'forebay_retries_total',
    help: 'Batches sent again by the reason of their failure',
    labelNames: ['reason'],
    registers,
  });
  for (const outcome of ['ok', 'error', 'cancelled']) settled.inc({ outcome }, 0);
  return (event) => {
    switch (event.kind) {
      case 'job-accepted':
        received.inc(event.chunks);
        return;
      case 'chunks-sent':
        waits.observe(event.waitMs / 1_000);
        return;
      case 'batch-ended':
        batches.inc({ backend: event.backendId, outcome: event.outcome });
        seconds.observe({ backend: event.backendId }, event.durationMs / 1_000);
        sizes.observe({ backend: event.backendId }, event.chunks);
        return;
      case 'chunks-settled':
        settled.inc({ outcome: event.outcome }, event.chunks);
        return;
      case 'retry':
        retries.inc({ reason: event.reason });
        return;
      case 'shed':
        shed.inc({ reason: event.reason });
        return;
      case 'backend-changed':
      case 'source-problem':
        return;
    }
  };
}

/** Gauges are read from the pool when they are asked for: right at all times, and no cost between scrapes. */
function poolGauges(registry: Registry, pool: EmbedderPool): () => void {
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  const depth = gauge('forebay_queue_depth', 'Chunks waiting', ['priority']);
  const bytes = gauge('forebay_queue_bytes', 'UTF-8 bytes of chunks waiting');
  const oldest = gauge('forebay_queue_oldest_seconds', 'Age of the oldest waiting request');
  const work = gauge('forebay_queued_work_seconds', 'Predicted time until the queue is empty');
  const held = gauge('forebay_held_requests', 'Requests that wait while there is no backend for them');
  const perBackend = ['backend', 'class'];
  const inFlight = gauge('forebay_inflight_chunks', 'Chunks sent and unanswered', perBackend);
  const up = gauge('forebay_backend_up', '1 while the backend gets work', perBackend);
  const rate = gauge('forebay_backend_chunks_per_second', 'Learned speed', perBackend);
  const breaker = gauge('forebay_breaker_state', '0 closed, 1 half-open, 2 open', ['backend']);
  return () => {
    const stats = pool.stats();
    for (const priority of PRIORITIES) depth.set({ priority }, stats.queuedChunks[priority]);
    bytes.set(stats.queuedBytes);
    oldest.set(stats.oldestSeconds);
    work.set(stats.queuedWorkSeconds);
    held.set(stats.heldJobs);
    for (const each of [inFlight, up, rate, breaker]) each.reset();
    // Those that leave stand last; where a new one has the same id, what is said of it is to be the last word.
    for (const backend of stats.backends.toReversed()) {
      const labels = { backend: backend.id, class: backend.class };
      inFlight.inc(labels, backend.inFlightChunks);
      up.set(labels, backend.state === 'serving' ? 1 : 0);
      rate.set(labels, backend.chunksPerSecond);
      breaker.set({ backend: backend.id }, BREAKER_STATES[backend.breaker]);
    }
  };
}
