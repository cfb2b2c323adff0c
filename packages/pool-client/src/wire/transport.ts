import type { WireResponse } from '../protocol/protocol.ts';

/** One HTTP exchange with one backend. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST';
  /** Path with query, as it stands in the request line. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** The connections to one origin. Rejects with a `TransportError`, never with a library's own error. */
export interface Transport {
  send(request: TransportRequest): Promise<WireResponse>;
  /** Ends all connections; exchanges under way fail. */
  close(): Promise<void>;
}

/**
 * Why there was no answer:
 * `connect` nothing was sent: refused, unreachable, name not found;
 * `broken`  the connection ended before the answer did;
 * `too-large` the answer passed its limit of bytes;
 * `aborted` the caller's signal.
 */
export type TransportFailureKind = 'connect' | 'broken' | 'too-large' | 'aborted';

export class TransportError extends Error {
  readonly kind: TransportFailureKind;

  constructor(kind: TransportFailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TransportError';
    this.kind = kind;
  }
}

/** Makes the transport of one origin (`http://host:port`). */
export type TransportFactory = (origin: string) => Transport;
