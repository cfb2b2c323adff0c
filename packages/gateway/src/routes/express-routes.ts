import type { EmbedderPool } from '@forebay/pool-client';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { type AccessRules, authorize, type RouteClass } from '../admission/authorize.ts';
import { presentedKey } from '../admission/credentials.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { RenderedText } from '../dialects/dialect.ts';
import { dialects } from '../dialects/dialects.ts';
import { djlModels, djlPing } from '../dialects/djl-status.ts';
import { openaiModels } from '../dialects/openai-models.ts';
import { teiHealth, teiInfo } from '../dialects/tei-status.ts';
import type { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { adminRoutes } from './admin-routes.ts';
import { dialectOfPath } from './embedding-path.ts';

export interface ExpressParts {
  readonly pool: EmbedderPool;
  readonly config: GatewayConfig;
  readonly access: AccessRules;
  readonly metrics: Metrics;
  readonly readiness: () => Readiness;
  readonly version: string;
  /** When the gateway started, in Unix seconds. */
  readonly startedS: number;
  readonly log: Logger;
}

export interface Readiness {
  readonly ready: boolean;
  /** Why not, or `ready`. */
  readonly state: 'starting' | 'ready' | 'draining';
}

/** Every route but the embedding ones. */
export function expressRoutes(parts: ExpressParts): Express {
  const { pool, metrics, readiness, version, startedS, config } = parts;
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  const models = () => pool.stats().models;
  const open = route(app, parts, 'open');
  open('/livez', () => json(200, { status: 'alive' }));
  open('/readyz', () => {
    const { ready, state } = readiness();
    return json(ready ? 200 : 503, { status: state, held_requests: pool.stats().heldJobs });
  });
  open('/ping', () => djlPing(models(), readiness().ready));
  open('/models', () => djlModels(models()));
  open('/v1/models', () => openaiModels(models(), startedS));
  open('/info', () => teiInfo({ models: models(), maxRequestChunks: config.maxRequestChunks, version }));
  open('/health', () => teiHealth(readiness().ready));
  app.get('/metrics', guard(parts, 'open'), async (_request, response) => {
    const { contentType, body } = await metrics.render();
    send(response, { status: 200, headers: { 'content-type': contentType }, body });
  });
  const admin = route(app, parts, 'admin');
  admin('/api/status', () => json(200, { version, state: readiness().state, ...pool.stats() }));
  adminRoutes(app, pool, (routeClass) => guard(parts, routeClass));
  app.use((request, response) => sendError(request, response, noRoute(app, request)));
  app.use(((error, request, response, _next) => {
    const { status, message } = error as { readonly status?: number; readonly message?: string };
    const isCallers = status !== undefined && status < 500;
    if (!isCallers)
      parts.log.error({ err: error, path: request.path }, 'a request failed for a fault of the gateway');
    sendError(
      request,
      response,
      status === 413
        ? { kind: 'payload_too_large', message: 'the body is too large' }
        : isCallers
          ? { kind: 'invalid_request', message: message ?? 'the request is not valid' }
          : { kind: 'internal', message: 'the gateway failed; its log says more' },
    );
  }) satisfies express.ErrorRequestHandler);
  return app;
}

type Get = (path: string, answer: (request: Request) => RenderedText) => void;

/** Registers GET routes that answer a value. */
function route(app: Express, parts: ExpressParts, routeClass: RouteClass): Get {
  return (path, answer) => {
    app.get(path, guard(parts, routeClass), (request, response) => send(response, answer(request)));
  };
}

/** Lets only those pass who may. */
function guard({ access }: ExpressParts, routeClass: RouteClass): RequestHandler {
  return (request, response, next) => {
    const { headers } = request;
    const allowed = authorize(access, {
      routeClass,
      presentedKey: presentedKey(headers),
      // Of two, Node would show the first and a proxy may have looked at the second.
      host: request.headersDistinct.host?.length === 1 ? headers.host : undefined,
      contentType: headers['content-type'],
    });
    if (allowed.kind === 'allowed') next();
    else sendError(request, response, allowed);
  };
}

/** A path that exists under another method is 405 and says which. */
function noRoute(app: Express, request: Request): GatewayError {
  const allow = METHODS.filter((method) => answers(app, method, request.path));
  return allow.length > 0
    ? { kind: 'method_not_allowed', message: `${request.method} is not for ${request.path}`, allow }
    : { kind: 'not_found', message: `there is no ${request.path.slice(0, 200)}` };
}

const METHODS = ['GET', 'POST', 'DELETE'];

interface RouterLayer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

function answers(app: Express, method: string, path: string): boolean {
  // Express has no public way to ask for the methods of a path; its router's layers do.
  const { stack } = app.router as unknown as { readonly stack: readonly RouterLayer[] };
  return stack.some((layer) => layer.route?.methods[method.toLowerCase()] === true && layer.match(path));
}

function json(status: number, body: unknown): RenderedText {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(body)}\n` };
}

function send(response: Response, { status, headers, body }: RenderedText): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function sendError(request: Request, response: Response, error: GatewayError): void {
  send(response, dialects[dialectOfPath(request.path)].renderError(error));
}
