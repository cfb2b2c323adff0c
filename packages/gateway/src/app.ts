import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Clock, EmbedderPool, TlsOptions } from '@forebay/pool-client';
import type { AccessRules } from './admission/authorize.ts';
import { KeyLimits } from './admission/key-limits.ts';
import { requestId } from './admission/request-id.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { dialects } from './dialects/dialects.ts';
import type { Drain } from './drain.ts';
import { invalidRequest } from './errors.ts';
import { createListener } from './listener.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { embedRoute } from './routes/embed-route.ts';
import { expressRoutes, type Readiness } from './routes/express-routes.ts';
import { TransitRoom } from './routes/transit-room.ts';
import { writeError } from './routes/write-answer.ts';
import type { CountTokens } from './usage.ts';

export interface AppParts {
  readonly pool: EmbedderPool;
  /** @default plain HTTP */
  readonly tls?: TlsOptions | undefined;
  readonly config: GatewayConfig;
  readonly access: AccessRules;
  readonly drain: Drain;
  readonly metrics: Metrics;
  readonly countTokens: CountTokens;
  readonly readiness: () => Readiness;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  readonly startedS: number;
}

/** At most one line in the log for as long, in milliseconds, however many connections are refused. */
const REFUSED_LOG_MS = 10_000;

/** The HTTP server of the gateway, not listening yet: embedding routes first, Express for the rest. */
export function createApp(parts: AppParts): Server {
  const { config, tls, clock } = parts;
  const { maxConnections } = config;
  const embed = embedRoute({
    ...parts,
    keyLimits: new KeyLimits(),
    answerRoom: new TransitRoom(config.maxAnswerBytes, clock),
    // What comes is to wait in the queue next; one request alone always fits.
    bodyRoom: new TransitRoom(Math.max(config.maxQueuedBytes, config.maxRequestBytes), clock),
  });
  const rest = expressRoutes(parts);
  return createListener({ tls, maxConnections, onRefused: refusedLog(parts) }, (request, response) => {
    const id = requestId(request.headers['x-request-id'], randomUUID);
    if (!isPath(request.url)) {
      writeError(response, dialects.djl, NOT_A_PATH, { requestId: id, closesConnection: true });
      return;
    }
    if (embed(request, response, id)) return;
    response.setHeader('x-request-id', id);
    rest(request, response);
  });
}

const NOT_A_PATH = invalidRequest(
  'the request target must be a path such as /v1/embeddings: this is no proxy',
);

/** A whole URL names a host beside the one in the Host header: which of the two counts must not be a question. */
function isPath(target: string | undefined): boolean {
  return target?.startsWith('/') === true;
}

function refusedLog({ clock, config, log }: AppParts): () => void {
  let saidMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (clock.nowMs() - saidMs < REFUSED_LOG_MS) return;
    saidMs = clock.nowMs();
    log.warn(`all ${config.maxConnections} connections are taken (MAX_CONNECTIONS): new ones are refused`);
  };
}
