import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@forebay/pool-client';
import { type EmbedderPool, PoolError } from '@forebay/pool-client';
import { type AccessRules, type Allowed, authorize } from '../admission/authorize.ts';
import { presentedKey } from '../admission/credentials.ts';
import type { KeyLimits } from '../admission/key-limits.ts';
import { gatewayErrorOf } from '../admission/pool-error.ts';
import { requestOptions } from '../admission/request-options.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { dialects } from '../dialects/dialects.ts';
import type { Drain } from '../drain.ts';
import type { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { CountTokens } from '../usage.ts';
import type { AnswerRoom } from './answer-room.ts';
import { type EmbeddingRoute, embeddingRoute } from './embedding-path.ts';
import { type Outcome, outcomeOf } from './outcome-of.ts';
import { parseRequest } from './parse-request.ts';
import { readAway } from './read-away.ts';
import { writeAnswer, writeError } from './write-answer.ts';

export interface EmbedRouteParts {
  readonly pool: EmbedderPool;
  readonly config: GatewayConfig;
  readonly access: AccessRules;
  readonly keyLimits: KeyLimits;
  readonly answerRoom: AnswerRoom;
  readonly drain: Drain;
  readonly metrics: Metrics;
  readonly countTokens: CountTokens;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long a caller may stop reading its answer before it is cut off, in milliseconds. */
const UNREAD_MS = 60_000;

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
  readOrGone = parts.answerRoom.hold(outcome.rendered.contentLength);
  writeAnswer(response, outcome.rendered, outcome.answer.timing, head);
  // What the system has taken needs no more waiting for.
  if (response.writableLength > 0) response.setTimeout(UNREAD_MS, () => response.destroy());
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
  if (answerRoom.refusal) {
    metrics.requestShed('answers-unread');
    return refuse(answerRoom.refusal);
  }
  const facts = { headers, query, pathModel: path.pathModel };
  const parsed = await parseRequest(request, dialect, facts, config.maxRequestBytes);
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

function settle(keyLimits: KeyLimits, allowed: Allowed, chunks: number): void {
  if (allowed.key) keyLimits.settled(allowed.key, chunks);
}
