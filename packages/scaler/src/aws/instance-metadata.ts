import { Agent, request } from 'node:http';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { ScalerError } from '../errors.ts';

/** What the metadata service of an EC2 instance says of it. Calls reject with `SCALER_DRIVER_FAILED` where it doesn't answer, or not as it should. */
export interface InstanceMetadata {
  /** Where it is asked. */
  readonly endpoint: string;
  /** Such as `i-0123456789abcdef0`. */
  instanceId(signal: AbortSignal): Promise<string>;
  /** Such as `eu-west-1`. */
  region(signal: AbortSignal): Promise<string>;
  /** A tag of the instance; undefined where it has none of that name, or doesn't show its tags here (`InstanceMetadataTags`). */
  tag(name: string, signal: AbortSignal): Promise<string | undefined>;
  /** What AWS is about to do to a spot instance, and when; undefined while it is about to do nothing. */
  spotAction(signal: AbortSignal): Promise<SpotAction | undefined>;
  /** When AWS advised to replace it, since an interruption is more likely than usual; undefined while it doesn't. */
  rebalanceAdvisedAtMs(signal: AbortSignal): Promise<number | undefined>;
}

export interface SpotAction {
  readonly action: 'terminate' | 'stop' | 'hibernate';
  readonly atMs: number;
}

export interface InstanceMetadataSettings {
  /** @default http://169.254.169.254 */
  readonly endpoint: string | undefined;
  readonly clock: Clock;
}

/** The endpoint that the environment names, by the SDKs' own variables. */
export function metadataEndpoint(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const endpoint = env.AWS_EC2_METADATA_SERVICE_ENDPOINT?.trim();
  if (endpoint) return endpoint.replace(/\/+$/, '');
  return env.AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE?.toLowerCase() === 'ipv6'
    ? 'http://[fd00:ec2::254]'
    : undefined;
}

const ENDPOINT = 'http://169.254.169.254';
/** It is on the same machine; a packet that its hop limit drops is never answered. */
const TIMEOUT_MS = 2_000;
const TOKEN_SECONDS = 21_600;
/** Renewed so long before its end. */
const TOKEN_MARGIN_MS = 300_000;
const MAX_BYTES = 65_536;

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const spotAction = z.object({ action: z.enum(['terminate', 'stop', 'hibernate']), time });
const rebalance = z.object({ noticeTime: time });

/** Version 2 of the service, with a session token. Plain HTTP on a connection of its own: proxies, of whatever variable, are not for it. */
export function openInstanceMetadata(settings: InstanceMetadataSettings): InstanceMetadata {
  const { endpoint = ENDPOINT, clock } = settings;
  let token: { readonly text: string; readonly untilMs: number } | undefined;

  const ask = async (options: Ask, signal: AbortSignal): Promise<Answer> => {
    const answered = new AbortController();
    const late = new AbortController();
    void clock
      .sleep(TIMEOUT_MS, AbortSignal.any([answered.signal, signal]))
      .then(() => late.abort(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    try {
      signal.throwIfAborted();
      return await exchange(endpoint, options, AbortSignal.any([signal, late.signal]));
    } catch (error) {
      const reason: unknown = signal.aborted
        ? signal.reason
        : late.signal.aborted
          ? late.signal.reason
          : error;
      throw failure(endpoint, options.path, reasonOf(reason), error);
    } finally {
      answered.abort();
    }
  };

  const sessionToken = async (signal: AbortSignal): Promise<string> => {
    if (token !== undefined && clock.nowMs() < token.untilMs - TOKEN_MARGIN_MS) return token.text;
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS) };
    const path = '/latest/api/token';
    const { status, text } = await ask({ method: 'PUT', path, headers }, signal);
    if (status !== 200) throw failure(endpoint, path, `it answered ${status}`);
    token = { text: text.trim(), untilMs: clock.nowMs() + TOKEN_SECONDS * 1_000 };
    return token.text;
  };

  /** The text at a path; undefined where there is none. */
  const get = async (path: string, signal: AbortSignal): Promise<string | undefined> => {
    for (let renewed = false; ; renewed = true) {
      const headers = { 'x-aws-ec2-metadata-token': await sessionToken(signal) };
      const { status, text } = await ask({ method: 'GET', path, headers }, signal);
      if (status === 200) return text;
      if (status === 404) return undefined;
      if (status !== 401 || renewed) throw failure(endpoint, path, `it answered ${status}`);
      // As after a start from hibernation.
      token = undefined;
    }
  };

  const required = async (path: string, signal: AbortSignal): Promise<string> => {
    const text = (await get(path, signal))?.trim();
    if (text === undefined || text === '') throw failure(endpoint, path, 'it has none');
    return text;
  };

  const json = async <T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T | undefined> => {
    const text = await get(path, signal);
    if (text === undefined) return undefined;
    const parsed = schema.safeParse(parsedJson(text));
    if (!parsed.success)
      throw failure(endpoint, path, `it answered ${JSON.stringify(text.slice(0, 120))}, which can't be read`);
    return parsed.data;
  };

  return {
    endpoint,
    instanceId: (signal) => required('/latest/meta-data/instance-id', signal),
    region: (signal) => required('/latest/meta-data/placement/region', signal),
    tag: (name, signal) => get(`/latest/meta-data/tags/instance/${encodeURIComponent(name)}`, signal),
    async spotAction(signal) {
      const found = await json('/latest/meta-data/spot/instance-action', spotAction, signal);
      return found && { action: found.action, atMs: found.time };
    },
    async rebalanceAdvisedAtMs(signal) {
      return (await json('/latest/meta-data/events/recommendations/rebalance', rebalance, signal))
        ?.noticeTime;
    },
  };
}

interface Ask {
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function exchange(endpoint: string, { method, path, headers }: Ask, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // An agent of our own, since the global one may go through a proxy.
    const agent = new Agent({ keepAlive: false });
    const sent = request(`${endpoint}${path}`, { method, headers, agent, signal }, (answer) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes > MAX_BYTES) answer.destroy(new Error(`it answered more than ${MAX_BYTES} bytes`));
      });
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
      );
    });
    sent.on('error', reject).end();
  });
}

function failure(endpoint: string, path: string, because: string, cause?: unknown): ScalerError {
  const advice =
    'is this an EC2 instance with its metadata service on, and in a container, is the hop limit 2 or more?';
  const message = `instance metadata at ${endpoint}${path}: ${because}; ${advice}`;
  return new ScalerError('SCALER_DRIVER_FAILED', message, { cause, retryable: true });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message === '' ? (code ?? error.name) : error.message;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
