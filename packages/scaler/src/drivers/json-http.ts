import { Agent, request } from 'undici';
import { ScalerError } from '../errors.ts';

/** Where a platform's HTTP API is, and how it is spoken to. */
export interface JsonHttpOptions {
  /** `http://…`, `https://…`, or `unix:///path/to.sock`. */
  readonly baseUrl: string;
  /** PEM texts: whom to trust in the place of the authorities that Node knows, and who we are. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** Asked for each request, since tokens change. */
  readonly headers?: () => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>;
  /** What a call is about in messages, such as `Docker Engine`. */
  readonly platform: string;
}

/** One request. */
export interface JsonRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  /** @default application/json */
  readonly contentType?: string;
}

/** What came back; a status is no error here, since its meaning is the caller's. */
export interface JsonAnswer {
  readonly status: number;
  /** Parsed, or the text itself where it is no JSON; undefined when empty. Not validated. */
  readonly body: unknown;
  /** How long the platform asks to wait, where it says so in seconds. */
  readonly retryAfterSeconds?: number;
}

/** An answer beyond this is no list of replicas. */
const MAX_ANSWER_BYTES = 64 * 2 ** 20;

/** A few calls to a platform's own HTTP API, over TCP, TLS or a unix socket. The owner of undici in this package. */
export class JsonHttp {
  readonly #options: JsonHttpOptions;
  readonly #origin: string;
  readonly #agent: Agent;

  constructor(options: JsonHttpOptions) {
    this.#options = options;
    const url = new URL(options.baseUrl);
    const socketPath = url.protocol === 'unix:' ? decodeURIComponent(url.pathname) : undefined;
    this.#origin = socketPath === undefined ? options.baseUrl.replace(/\/+$/, '') : 'http://localhost';
    this.#agent = new Agent({
      maxResponseSize: MAX_ANSWER_BYTES,
      connect: { ...options.tls, ...(socketPath !== undefined && { socketPath }) },
    });
  }

  /** Rejects with `SCALER_DRIVER_FAILED` when no whole answer comes before `signal` aborts. */
  async call(
    { method = 'GET', path, body, contentType }: JsonRequest,
    signal: AbortSignal,
  ): Promise<JsonAnswer> {
    const { platform, headers } = this.#options;
    try {
      signal.throwIfAborted();
      const own = await headers?.();
      const answer = await request(`${this.#origin}${path}`, {
        dispatcher: this.#agent,
        method,
        signal,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': contentType ?? 'application/json' }),
          ...own,
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const retryAfterSeconds = Number(answer.headers['retry-after'] ?? Number.NaN);
      return {
        status: answer.statusCode,
        body: parsed(await answer.body.text()),
        ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds }),
      };
    } catch (error) {
      const reason: unknown = signal.aborted ? signal.reason : error;
      const because = reason instanceof Error ? reason.message : String(reason);
      throw new ScalerError('SCALER_DRIVER_FAILED', `${platform}: ${method} ${path}: ${because}`, {
        cause: error,
        retryable: true,
      });
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
