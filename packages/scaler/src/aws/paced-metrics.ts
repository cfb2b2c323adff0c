import { ScalerError } from '../errors.ts';
import type { Sample } from '../values/sample.ts';
import type { CloudWatchApi, MetricQuery } from './cloudwatch-api.ts';

/** CloudWatch is asked for a metric no more often than that, however short its period: it bills each. */
const LEAST_PACE_MS = 15_000;

interface Last {
  readonly sample: Sample;
  readonly askedAtMs: number;
  readonly failed: boolean;
}

/** Metrics of one CloudWatch, each asked for twice in its period, all that are due in one call; between, the last sample keeps its own time. */
export class PacedMetrics {
  readonly #api: CloudWatchApi;
  readonly #queries: readonly MetricQuery[];
  #last: readonly (Last | undefined)[] = [];

  constructor(api: CloudWatchApi, queries: readonly MetricQuery[]) {
    this.#api = api;
    this.#queries = queries;
  }

  /** A sample for each query, in their order. Never rejects: a call that fails is the reason of missing samples, and is made again 15 s later. */
  async read(nowMs: number, signal: AbortSignal): Promise<readonly Sample[]> {
    const due = this.#queries.flatMap((query, index) =>
      isDue(query, this.#last[index], nowMs) ? [{ query, index }] : [],
    );
    if (due.length > 0) {
      const asked = await this.#ask(
        due.map(({ query }) => query),
        nowMs,
        signal,
      );
      const last = [...this.#last];
      for (const [place, { index }] of due.entries()) last[index] = asked[place];
      this.#last = last;
    }
    return this.#queries.map(
      (_, index): Sample =>
        this.#last[index]?.sample ?? { kind: 'missing', reason: 'not asked yet', atMs: nowMs },
    );
  }

  async #ask(queries: readonly MetricQuery[], nowMs: number, signal: AbortSignal): Promise<readonly Last[]> {
    try {
      const samples = await this.#api.getMetrics(queries, nowMs, signal);
      return samples.map((sample) => ({ sample, askedAtMs: nowMs, failed: false }));
    } catch (error) {
      if (!(error instanceof ScalerError)) throw error; // a fault of ours
      const sample: Sample = { kind: 'missing', reason: `CloudWatch: ${error.message}`, atMs: nowMs };
      return queries.map(() => ({ sample, askedAtMs: nowMs, failed: true }));
    }
  }
}

function isDue({ periodSeconds }: MetricQuery, last: Last | undefined, nowMs: number): boolean {
  if (last === undefined) return true;
  const paceMs = last.failed ? LEAST_PACE_MS : Math.max(LEAST_PACE_MS, periodSeconds * 500);
  // A clock that was set back must not silence it.
  return nowMs - last.askedAtMs >= paceMs || nowMs < last.askedAtMs;
}
