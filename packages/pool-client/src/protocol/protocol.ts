import type { VectorBytes } from './vector-bytes.ts';

export type ProtocolName = 'djl' | 'openai' | 'tei';

/** One batch as HTTP; the path is added to the backend's URL path (DJL's URL already names its route). */
export interface WireRequest {
  /** Appended to the path of the backend's URL; empty for DJL. */
  readonly pathSuffix: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An HTTP answer read to its end. */
export interface WireResponse {
  readonly status: number;
  /** Lower-case names; a repeated header is joined with commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/**
 * Whose fault a failed batch is:
 * `input`       the answer blames the texts (it may be lying: DJL says 400 for its own engine faults);
 * `too-large`   the batch is over a limit of the backend, a smaller one may pass;
 * `overloaded`  it is up and full: later, or elsewhere;
 * `unavailable` it cannot serve now: loading, stopping, out of memory, 5xx;
 * `misconfigured` it will not serve this however often we ask: no such route or model, no permission;
 * `bad-answer`  it said 200 and sent something else than one vector for each text.
 */
export type FailureKind =
  | 'input'
  | 'too-large'
  | 'overloaded'
  | 'unavailable'
  | 'misconfigured'
  | 'bad-answer';

export interface BatchFailure {
  readonly kind: FailureKind;
  /** HTTP status of the answer. */
  readonly status: number;
  /**
   * What the backend said, shortened to 300 characters; may quote the caller's text, so it is never logged.
   */
  readonly message: string;
  readonly retryAfterMs?: number;
}

export type BatchOutcome =
  | { readonly kind: 'vectors'; readonly vectors: readonly VectorBytes[] }
  | { readonly kind: 'failure'; readonly failure: BatchFailure };

/** One way to talk to a model server: a pure pair of functions. Sockets live in `wire/`. */
export interface Protocol {
  readonly name: ProtocolName;
  /** `texts` has at least one item; `model` is the name the backend knows. */
  toWire(texts: readonly string[], model: string): WireRequest;
  /** Cuts the answer into `count` vectors, in the order of the texts; never throws, whatever the bytes. */
  fromWire(response: WireResponse, count: number): BatchOutcome;
}
