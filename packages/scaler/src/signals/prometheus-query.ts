import type { Sample } from '../values/sample.ts';
import type { Deadline } from '../within.ts';
import { type GotText, getText } from './get-text.ts';
import { toPrometheusSample } from './to-prometheus-sample.ts';

/** A signal that a Prometheus server (or another with its API) computes. */
export interface PrometheusQuery {
  /** The server: `http://prometheus:9090`, with its path prefix if it has one. */
  readonly url: string;
  /** PromQL whose result is a scalar or one series. */
  readonly query: string;
  /** Such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One number or one series is some hundred bytes; a thousand series that nobody aggregated are still told from a failure. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Asks for the query's value at this instant. Never rejects: what went wrong is the reason of a missing sample. */
export async function queryPrometheus(
  { url, query, headers }: PrometheusQuery,
  deadline: Deadline,
): Promise<Sample> {
  const at = new URL(`${url.replace(/\/+$/, '')}/api/v1/query`);
  const where = at.href;
  at.searchParams.set('query', query);
  const got = await getText(at.href, { ...deadline, maxBytes: MAX_BYTES, ...(headers && { headers }) });
  const nowMs = deadline.clock.nowMs();
  const read = got.kind === 'failed' ? got.reason : readAnswer(got, query);
  return typeof read === 'string' ? { kind: 'missing', reason: `${where} ${read}`, atMs: nowMs } : read;
}

/** The sample, or what is wrong with the answer. Errors come as JSON too, with a status beside. */
function readAnswer(
  { status, text }: Extract<GotText, { kind: 'answered' }>,
  query: string,
): Sample | string {
  const answer = parseJson(text);
  if (answer === undefined) return `answered ${status}${status === 200 ? ', but no JSON' : ''}`;
  const read = toPrometheusSample(answer, query);
  return status !== 200 && typeof read !== 'string' ? `answered ${status}` : read;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller says what it was instead
  }
}
