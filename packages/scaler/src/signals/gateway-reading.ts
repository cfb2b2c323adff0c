/** What one gateway said of itself in one scrape. */
export interface ReadGateway {
  readonly kind: 'read';
  /** Its `/metrics`, by which it is known from scrape to scrape. */
  readonly gateway: string;
  /** When the scrape began, in milliseconds since 1970: nothing in it is older. */
  readonly beganAtMs: number;
  readonly queuedChunks: ReadonlyMap<string, number>;
  readonly queueOldestSeconds: number;
  /** Its own prediction for its own queue. */
  readonly queuedWorkSeconds: number;
  /** Chunks accepted since it started. */
  readonly receivedTotal: number;
  /** Requests ended since it started, less those that were wrong: any 4xx but 429 (shed) and 499 (its caller left). */
  readonly requestsTotal: number;
  readonly heldRequests: number;
  /** Of all its APIs together, by bound; the last is infinite. Empty before its first request has ended. */
  readonly latencyBuckets: readonly LatencyBucket[];
  readonly backends: ReadonlyMap<string, BackendReading>;
}

/** Cumulative: requests that took `upToSeconds` or less. */
export interface LatencyBucket {
  readonly upToSeconds: number;
  readonly count: number;
}

/** One backend as one gateway sees it. */
export interface BackendReading {
  readonly class: string;
  readonly up: boolean;
  /** Of this gateway only; what was given up but may still be computed is among them. */
  readonly inFlightChunks: number;
  /** Its speed at full batches as this gateway believes it; undefined while that rests on nothing but the class. */
  readonly chunksPerSecond: number | undefined;
}

export type GatewayReading =
  | ReadGateway
  | {
      readonly kind: 'failed';
      readonly gateway: string;
      readonly beganAtMs: number;
      /** A sentence that names the gateway. */
      readonly reason: string;
    };
