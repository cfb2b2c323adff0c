import { Agent, type IncomingHttpHeaders, request as sendRequest } from 'node:http';
import type { Readable } from 'node:stream';

export interface Exchange {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Whether the connection had served a request before. */
  readonly reusedSocket: boolean;
}

export interface ExchangeOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is sent in chunks without a length. */
  readonly body?: string | Buffer | Readable;
  /** @default a connection of its own */
  readonly agent?: Agent | undefined;
  readonly signal?: AbortSignal;
}

/** One request and its whole answer. Rejects where the connection ends before the answer does. */
export function exchange(url: string, options: ExchangeOptions = {}): Promise<Exchange> {
  const { body, agent = false, method = body === undefined ? 'GET' : 'POST', signal } = options;
  const isWhole = typeof body === 'string' || Buffer.isBuffer(body);
  const length = isWhole ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  const headers = { ...length, ...options.headers };
  return new Promise((resolve, reject) => {
    const sent = sendRequest(
      url,
      { method, headers, agent, ...(signal ? { signal } : {}) },
      async (response) => {
        try {
          const parts: Buffer[] = [];
          for await (const part of response) parts.push(part);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(parts).toString('utf8'),
            reusedSocket: sent.reusedSocket,
          });
        } catch (error) {
          reject(error);
        }
      },
    );
    sent.once('error', reject);
    if (body === undefined || isWhole) sent.end(body);
    else body.pipe(sent);
  });
}

/** Posts JSON; a string is sent as it is. */
export function postJson(url: string, body: unknown, options: ExchangeOptions = {}): Promise<Exchange> {
  return exchange(url, {
    ...options,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...options.headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
}

/** Requests through this go over one connection, one after the other. */
export function oneConnection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 });
}
