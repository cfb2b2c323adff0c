import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import type { WireResponse } from '../protocol/protocol.ts';
import { AnswerBody } from './answer-body.ts';
import { ReusedReads } from './reused-reads.ts';
import type { TlsOptions } from './tls-options.ts';
import { type Transport, TransportError, type TransportFactory, type TransportRequest } from './transport.ts';

export interface UndiciTransportOptions {
  /** Sockets to one origin; batches never share one at a time. @default 12 */
  readonly connections?: number;
  /** Longest wait for a connection, in milliseconds. @default 5,000 */
  readonly connectTimeoutMs?: number;
  /** Longest answer, in bytes. @default 64 MiB */
  readonly maxResponseBytes?: number;
  /** Asked about each address that a name resolves to, before it is connected to. */
  readonly allowAddress?: AllowAddress;
  /** For `https:` origins. */
  readonly tls?: TlsOptions;
}

type AllowAddress = (address: string, hostname: string) => boolean;

/**
 * Connections by undici: one pool for each origin, one exchange at a time on each socket (DJL answers pipelined requests
 * in order of completion, not of arrival).
 */
export function undiciTransport(options: UndiciTransportOptions = {}): TransportFactory {
  const {
    connections = 12,
    connectTimeoutMs = 5_000,
    maxResponseBytes = 64 * 2 ** 20,
    allowAddress,
    tls,
  } = options;
  // Made once: reading the authorities again for each connection takes milliseconds.
  const secureContext = tls && createSecureContext(tls);
  return (origin) => {
    const pool = new Pool(origin, {
      connections,
      pipelining: 1,
      // The sender's own deadline decides, not undici's.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
      connect: connectorFor(origin, {
        timeout: connectTimeoutMs,
        ...(secureContext ? { secureContext } : {}),
        ...(allowAddress ? { lookup: guardedLookup(allowAddress) } : {}),
      }),
    });
    return {
      send: (request) => exchange(pool, origin, request, maxResponseBytes),
      close: () => pool.destroy(),
    } satisfies Transport;
  };
}

/** Over plain TCP, sockets that read into the same buffers; TLS has its own. */
function connectorFor(
  origin: string,
  options: {
    readonly timeout: number;
    readonly lookup?: LookupFunction;
    readonly secureContext?: SecureContext;
  },
): buildConnector.BuildOptions | buildConnector.connector {
  if (!origin.startsWith('http:')) return { ...options };
  return (target, callback) => {
    const reads = new ReusedReads();
    buildConnector({ ...options, onread: reads.onread })(target, (...outcome) => {
      const [, socket] = outcome;
      if (socket) reads.feed(socket);
      callback(...outcome);
    });
  };
}

function exchange(
  pool: Pool,
  origin: string,
  request: TransportRequest,
  maxResponseBytes: number,
): Promise<WireResponse> {
  return new Promise((resolve, reject) => {
    const { signal } = request;
    if (signal.aborted) {
      reject(new TransportError('aborted', 'given up before it was sent'));
      return;
    }
    let controller: Dispatcher.DispatchController | undefined;
    let sent = false;
    let status = 0;
    let headers: Record<string, string | undefined> = {};
    let body = new AnswerBody(Number.NaN);
    const tooLarge = () =>
      new TransportError('too-large', `${origin} answered with more than ${maxResponseBytes} bytes`);
    const onAbort = () => {
      const error = new TransportError('aborted', 'given up');
      controller?.abort(error);
      if (!controller) fail(error);
    };
    const fail = (error: Error) => {
      signal.removeEventListener('abort', onAbort);
      reject(toTransportError(error, origin, sent));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      pool.dispatch(
        { path: request.path, method: request.method, headers: request.headers, body: request.body ?? null },
        {
          onRequestStart(started) {
            controller = started;
            sent = true;
            if (signal.aborted) started.abort(new TransportError('aborted', 'given up'));
          },
          onResponseStart(running, statusCode, responseHeaders) {
            status = statusCode;
            headers = joinHeaders(responseHeaders);
            const declaredBytes = Number(headers['content-length']);
            if (declaredBytes > maxResponseBytes) running.abort(tooLarge());
            else body = new AnswerBody(declaredBytes);
          },
          onResponseData(running, chunk) {
            body.add(chunk);
            if (body.bytes > maxResponseBytes) running.abort(tooLarge());
          },
          onResponseEnd() {
            signal.removeEventListener('abort', onAbort);
            resolve({ status, headers, body: body.take() });
          },
          onResponseError(_controller, error) {
            fail(error);
          },
        },
      );
    } catch (error) {
      fail(error as Error); // undici throws Errors only
    }
  });
}

function joinHeaders(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string | undefined> {
  const joined: Record<string, string | undefined> = {};
  for (const name in headers) {
    const value = headers[name];
    joined[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return joined;
}

function toTransportError(error: Error & { code?: string }, origin: string, sent: boolean): TransportError {
  if (error instanceof TransportError) return error;
  const why = error.code ? `${error.code}: ${error.message}` : error.message;
  if (!sent || NEVER_CONNECTED.has(error.code ?? '')) {
    return new TransportError('connect', `could not connect to ${origin} (${why})`, error);
  }
  return new TransportError(
    'broken',
    `the connection to ${origin} broke before the answer was whole (${why})`,
    error,
  );
}

const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Looks a name up and lets only allowed addresses through, so that no name can lead where no address may. */
function guardedLookup(allowAddress: AllowAddress): LookupFunction {
  return (hostname, lookupOptions, callback) => {
    systemLookup(hostname, { ...lookupOptions, all: true }, (error, addresses) => {
      if (error) {
        callback(error, '', 0);
        return;
      }
      const allowed = addresses.filter(({ address }) => allowAddress(address, hostname));
      const first = allowed[0];
      if (!first) {
        const refused = addresses.map(({ address }) => address).join(', ');
        callback(
          new Error(`${hostname} resolves to ${refused}, outside the allowed backend addresses`),
          '',
          0,
        );
        return;
      }
      if (lookupOptions.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
