import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Clock, EmbedderPool } from '@forebay/pool-client';
import type { AccessRules } from './admission/authorize.ts';
import { KeyLimits } from './admission/key-limits.ts';
import { requestId } from './admission/request-id.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import type { Drain } from './drain.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { AnswerRoom } from './routes/answer-room.ts';
import { embedRoute } from './routes/embed-route.ts';
import { expressRoutes, type Readiness } from './routes/express-routes.ts';
import type { CountTokens } from './usage.ts';

export interface AppParts {
  readonly pool: EmbedderPool;
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

/** Longer than the idle time of usual load balancers, so that they close first and lose no request. */
const KEEP_ALIVE_MS = 75_000;

/** The HTTP server of the gateway, not listening yet: embedding routes first, Express for the rest. */
export function createApp(parts: AppParts): Server {
  const embed = embedRoute({
    ...parts,
    keyLimits: new KeyLimits(),
    answerRoom: new AnswerRoom(parts.config.maxAnswerBytes),
  });
  const rest = expressRoutes(parts);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
    const id = requestId(request.headers['x-request-id'], randomUUID);
    if (embed(request, response, id)) return;
    response.setHeader('x-request-id', id);
    rest(request, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const status =
      error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  return server;
}
