import { parseRetryAfterMs } from './parse-retry-after.ts';
import type { BatchFailure, BatchOutcome, FailureKind, WireResponse } from './protocol.ts';
import { shorten, textOf } from './shorten.ts';

/** How one protocol's servers say what went wrong. */
export interface FailureTable {
  /** What each error type means; these go before the status, which an operator may have changed. */
  readonly types: ReadonlyMap<string, FailureKind>;
  /** A message with which a complaint about the input is one about the size of the batch. */
  readonly tooLarge?: RegExp;
  /** Error types, the most telling first, and the message of a parsed error body; either may be missing. */
  read(body: Readonly<Record<string, unknown>>): ErrorReport;
}

export interface ErrorReport {
  readonly types: readonly unknown[];
  readonly message: unknown;
}

/** The failure that an answer with an error status reports; costs nothing in proportion to its body. */
export function classifyFailure(response: WireResponse, table: FailureTable): BatchOutcome {
  const report = readReport(response.body, table);
  const kind = firstKnown(report.types, table) ?? kindOfStatus(response.status);
  const message = shorten(typeof report.message === 'string' ? report.message : textOf(response.body));
  const retryAfterMs = parseRetryAfterMs(response.headers['retry-after']);
  const failure: BatchFailure = {
    kind: kind === 'input' && table.tooLarge?.test(message) === true ? 'too-large' : kind,
    status: response.status,
    message: message === '' ? `HTTP ${response.status} with an empty body` : message,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  return { kind: 'failure', failure };
}

/** Whether an answer claims to carry vectors. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/**
 * What a status alone says; also for what stands between us and the server: proxies, load balancers,
 * frameworks.
 */
function kindOfStatus(status: number): FailureKind {
  switch (status) {
    case 400:
    case 422:
      return 'input';
    case 413:
      return 'too-large';
    case 429:
      return 'overloaded';
    case 408:
    case 424: // TEI: the model failed
    case 425:
      return 'unavailable';
    default:
      return status >= 300 && status < 500 ? 'misconfigured' : 'unavailable';
  }
}

/** Larger error bodies are not parsed: their status has to do. */
const MAX_ERROR_BODY_BYTES = 65_536;

const NO_REPORT: ErrorReport = { types: [], message: undefined };

function readReport(body: Buffer, table: FailureTable): ErrorReport {
  if (body.length > MAX_ERROR_BODY_BYTES) return NO_REPORT;
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isRecord(value) ? table.read(value) : NO_REPORT;
  } catch {
    // An error page, or nothing: its beginning becomes the message.
    return NO_REPORT;
  }
}

function firstKnown(types: readonly unknown[], table: FailureTable): FailureKind | undefined {
  for (const type of types) {
    const kind = typeof type === 'string' ? table.types.get(type) : undefined;
    if (kind !== undefined) return kind;
  }
  return undefined;
}

/** Whether a JSON value is an object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
