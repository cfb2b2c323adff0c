import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import type { TlsOptions } from '@forebay/pool-client';
import { clientErrorStatus } from './admission/client-error.ts';

/** What one connection may take before it has said what it wants. */
export interface ListenerLimits {
  /** Names and values of a request's headers together; beyond: 431. */
  readonly maxHeaderBytes: number;
  /** From the first byte of a request, on a new connection from its start, to the end of its headers; beyond: 408. */
  readonly headersMs: number;
  /** From there to the end of its body; beyond: 408. */
  readonly requestMs: number;
  /** Wait for the next request on a connection. */
  readonly keepAliveMs: number;
  readonly handshakeMs: number;
  /** How often connections are looked at. */
  readonly checkMs: number;
}

/**
 * The largest body needs 2.2 Mbit/s to be in time. Idle connections stay longer than the idle time of usual load balancers (60 s),
 * so that those close first and lose no request.
 */
export const LISTENER_LIMITS: ListenerLimits = Object.freeze({
  maxHeaderBytes: 16_384,
  headersMs: 10_000,
  requestMs: 120_000,
  keepAliveMs: 75_000,
  handshakeMs: 10_000,
  checkMs: 1_000,
});

export interface ListenerOptions {
  /** Listens over TLS with this certificate; with `ca` only callers that have a certificate of it come in. @default plain */
  readonly tls?: TlsOptions | undefined;
  /** Beyond, idle connections are closed and new ones refused. */
  readonly maxConnections: number;
  /** Told of each connection that was refused for lack of room. */
  readonly onRefused: () => void;
  readonly limits?: ListenerLimits;
}

/** An HTTP server that doesn't listen yet, held to its limits whatever its callers do. */
export function createListener(options: ListenerOptions, onRequest: RequestListener): Server {
  const { tls, limits = LISTENER_LIMITS, maxConnections, onRefused } = options;
  const http: ServerOptions = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.checkMs,
    noDelay: true,
  };
  const latest = new WeakMap<Duplex, ServerResponse>();
  const listener: RequestListener = (request, response) => {
    latest.set(request.socket, response);
    onRequest(request, response);
  };
  const server: Server = tls
    ? createTlsServer({ ...http, ...secureOptions(tls), handshakeTimeout: limits.handshakeMs }, listener)
    : createServer(http, listener);
  // Their bytes are bounded; by number, Node would drop those beyond without a word.
  server.maxHeadersCount = 0;
  server.maxConnections = maxConnections;
  server.on('drop', () => {
    server.closeIdleConnections();
    onRefused();
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    endBroken(socket, error.code, latest.get(socket));
  });
  return server;
}

/** The options of a certificate in Node's words; TLS 1.2 and newer, which is Node's default. */
export function secureOptions({ ca, cert, key }: TlsOptions): SecureContextOptions & {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
} {
  const callersNeedOne = ca !== undefined;
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(callersNeedOne ? { ca } : {}),
    requestCert: callersNeedOne,
    rejectUnauthorized: callersNeedOne,
  };
}

/** Ends a connection whose bytes are no HTTP, or too slow; says why where nobody can take it for the answer to something else. */
function endBroken(socket: Duplex, code: string | undefined, last: ServerResponse | undefined): void {
  const status = clientErrorStatus(code);
  if (!socket.writable || status === undefined || !mayBeTold(last)) {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

/** Whether everything before is answered, or the last request is the one at fault, it is its turn, and nothing was said yet. */
function mayBeTold(last: ServerResponse<IncomingMessage> | undefined): boolean {
  if (last === undefined || last.writableFinished) return true;
  return last.socket !== null && !last.headersSent && !last.req.complete;
}
