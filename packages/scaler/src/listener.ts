import { createServer, type RequestListener, type Server } from 'node:http';

/** What one connection may take before it has said what it wants. Times are in milliseconds. */
const LIMITS = Object.freeze({
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  /** For 64 KiB at most. */
  requestTimeout: 30_000,
  /** Longer than the second between two polls of a gateway. */
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 1_000,
});
const MAX_CONNECTIONS = 1_000;

/** An HTTP server that doesn't listen yet, held to its limits whatever its callers do. */
export function createListener(onRequest: RequestListener): Server {
  const server = createServer({ ...LIMITS, noDelay: true }, onRequest);
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}
