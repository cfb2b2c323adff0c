import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@forebay/pool-client';
import { type EmbedderPool, PoolError } from '@forebay/pool-client';
import { type AccessRules, type Allowed, authorize } from '../admission/authorize.ts';
import { presentedKey } from '../admission/credentials.ts';
import type { KeyLimits } from '../admission/key-limits.ts';
import { gatewayErrorOf } from '../admission/pool-error.ts';
import { requestOptions } from '../admission/request-options.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { Dialect, ParsedRequest, RequestFacts } from '../dialects/dialect.ts';
import { dialects } from '../dialects/dialects.ts';
import type { Drain } from '../drain.ts';
import type { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { CountTokens } from '../usage.ts';
import { type EmbeddingRoute, embeddingRoute } from './embedding-path.ts';
import { type Outcome, outcomeOf } from './outcome-of.ts';
import { parseRequest } from './parse-request.ts';
import { readAway } from './read-away.ts';
import type { TransitRoom } from './transit-room.ts';
import { writeAnswer, writeError } from './write-answer.ts';

export interface EmbedRouteParts {
  readonly pool: EmbedderPool;
  readonly config: GatewayConfig;
  readonly access: AccessRules;
  readonly keyLimits: KeyLimits;
  /** Answers that their callers have not read yet. */
  readonly answerRoom: TransitRoom;
  /** Bodies that are not whole yet. */
  readonly bodyRoom: TransitRoom;
  readonly drain: Drain;
  readonly metrics: Metrics;
  readonly countTokens: CountTokens;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long a caller may stop reading its answer before it is cut off, in milliseconds. */
const UNREAD_MS = 60_000;

/** Who reads on and on, but more slowly than this, is cut off as well. */
const SLOWEST_BYTES_PER_MS = 64;

/**
 * The embedding routes of all dialects. They are answered before Express gets to see them, which saves about half of a
 * small request's cost; Express has every other route. Returns false for a path that is none of them.
 */
export function embedRoute(
  parts: EmbedRouteParts,
): (request: IncomingMessage, response: ServerResponse, requestId: string) => boolean {
  let [lastUrl, lastRoute]: [string, EmbeddingRoute | undefined] = ['', undefined];
  return (request, response, requestId) => {
    const { url = '/' } = request;
    // Most callers ask for the same again.
    if (url !== lastUrl) [lastUrl, lastRoute] = [url, embeddingRoute(url)];
    if (!lastRoute) return false;
    void serve(parts, request, response, lastRoute, requestId);
    return true;
  };
}

async function serve(
  parts: EmbedRouteParts,
  request: IncomingMessage,
  response: ServerResponse,
  { path, query }: EmbeddingRoute,
  requestId: string,
): Promise<void> {
  const { clock, metrics, drain, log } = parts;
  const startedMs = clock.nowMs();
  const dialect = dialects[path.dialect];
  const gone = new AbortController();
  const done = drain.begin();
  let readOrGone: () => void = () => undefined;
  response.on('close', () => {
    done();
    readOrGone();
    if (!response.writableFinished) gone.abort();
    const status = response.writableFinished ? response.statusCode : 499;
    metrics.requestEnded(dialect.name, status, clock.nowMs() - startedMs);
    log.debug({ requestId, api: dialect.name, status, ms: Math.round(clock.nowMs() - startedMs) }, 'request');
  });
  let outcome: Outcome;
  try {
    outcome = await embed(parts, dialect, request, path, query, gone.signal);
  } catch (error) {
    log.error({ requestId, err: error }, 'a request failed for a fault of the gateway');
    outcome = {
      kind: 'error',
      error: { kind: 'internal', message: 'the gateway failed; its log says more' },
    };
  }
  if (outcome.kind === 'error') await readAway(request, clock);
  if (gone.signal.aborted) return;
  // The connection's next request is to find another gateway.
  const head = { requestId, closesConnection: drain.draining };
  if (outcome.kind === 'error') {
    writeError(response, dialect, outcome.error, head);
    return;
  }
  const { contentLength } = outcome.rendered;
  const parcel = parts.answerRoom.begin(() => response.destroy(), contentLength);
  readOrGone = () => parcel.end();
  writeAnswer(response, outcome.rendered, outcome.answer.timing, head);
  // What the system has taken needs no more waiting for.
  if (response.writableLength > 0) cutWhenSlow(response, contentLength, clock);
}

function cutWhenSlow(response: ServerResponse, contentLength: number, clock: Clock): void {
  const cut = () => void response.destroy();
  response.setTimeout(UNREAD_MS, cut);
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  void clock.sleep(UNREAD_MS + contentLength / SLOWEST_BYTES_PER_MS, closed.signal).then(() => {
    if (!closed.signal.aborted) cut();
  });
}

async function embed(
  parts: EmbedRouteParts,
  dialect: Dialect,
  request: IncomingMessage,
  path: EmbeddingRoute['path'],
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { pool, config, access, keyLimits, answerRoom, drain, clock, metrics } = parts;
  const { headers } = request;
  const refuse = (error: GatewayError): Outcome => ({ kind: 'error', error });
  if (request.method !== 'POST') {
    return refuse({
      kind: 'method_not_allowed',
      message: `${request.method} is not for this route`,
      allow: ['POST'],
    });
  }
  const key = presentedKey(headers);
  const allowed = authorize(access, {
    routeClass: 'embedding',
    presentedKey: key,
    host: headers.host,
    contentType: headers['content-type'],
  });
  if (allowed.kind !== 'allowed') return refuse(allowed);
  if (drain.draining)
    return refuse({ kind: 'unavailable', message: 'the gateway is stopping', retryAfterS: 1 });
  const options = requestOptions(headers, allowed, request.socket.remoteAddress ?? '');
  if (options.kind !== 'options') return refuse(options);
  if (!answerRoom.makeRoom()) {
    metrics.requestShed('answers-unread');
    return refuse(fullRoom(answerRoom, 'answers are unread by their callers', 'MAX_ANSWER_BYTES'));
  }
  const facts = { headers, query, pathModel: path.pathModel };
  const parsed = await receive(parts, dialect, request, facts);
  if (parsed.kind === 'queue_full') metrics.requestShed('bodies-arriving');
  if (parsed.kind !== 'parsed') return refuse(parsed);
  const { texts } = parsed;
  if (texts.length > config.maxRequestChunks) {
    return refuse({
      kind: 'payload_too_large',
      message: `a request may have ${config.maxRequestChunks} texts (MAX_REQUEST_CHUNKS), got ${texts.length}`,
    });
  }
  const overLimit = allowed.key && keyLimits.admit(allowed.key, texts.length, clock.nowMs());
  if (overLimit) {
    if (overLimit.kind === 'queue_full') metrics.requestShed('key-limit');
    return refuse(overLimit);
  }
  try {
    const answer = await pool.submit({
      texts,
      model: parsed.model,
      priority: options.priority,
      tenant: options.tenant,
      weight: options.weight,
      affinity: options.affinity,
      timeoutMs: options.timeoutMs,
      onChunkError: options.partial ? 'continue' : 'abort',
      signal,
    });
    return outcomeOf(dialect, parsed, answer, { partial: options.partial, countTokens: parts.countTokens });
  } catch (error) {
    if (error instanceof PoolError) return refuse(gatewayErrorOf(error));
    throw error;
  } finally {
    settle(keyLimits, allowed, texts.length);
  }
}

/** Reads and parses a body that shares the room for bodies with those of others. */
async function receive(
  { bodyRoom, config }: EmbedRouteParts,
  dialect: Dialect,
  request: IncomingMessage,
  facts: RequestFacts,
): Promise<ParsedRequest | GatewayError> {
  const parcel = bodyRoom.begin(() => void request.destroy());
  try {
    return await parseRequest(request, dialect, facts, {
      maxBytes: config.maxRequestBytes,
      fits: (bytes) => parcel.add(bytes),
      full: () => fullRoom(bodyRoom, 'requests are on their way here', 'MAX_QUEUED_BYTES'),
    });
  } finally {
    parcel.end();
  }
}

function fullRoom({ bytes, maxBytes }: TransitRoom, what: string, setting: string): GatewayError {
  const message = `${bytes} bytes of ${what}, at most ${maxBytes} may be (${setting}): try again later`;
  return { kind: 'queue_full', message, retryAfterS: 1 };
}

function settle(keyLimits: KeyLimits, allowed: Allowed, chunks: number): void {
  if (allowed.key) keyLimits.settled(allowed.key, chunks);
}
