import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { type AccessRules, type RouteClass, refuse } from './admission/authorize.ts';
import { presentedKey } from './admission/credentials.ts';
import { ScalerError } from './errors.ts';
import type { Logger } from './log.ts';
import { type Refusal, refusalToHttp } from './refusal.ts';
import { type ConfigRouteParts, configRoutes } from './routes/config-routes.ts';
import { type HostRouteParts, hostRoutes } from './routes/host-routes.ts';
import { type OpenRouteParts, openRoutes } from './routes/open-routes.ts';
import { type PauseRouteParts, pauseRoutes } from './routes/pause-routes.ts';
import { priorityRoutes } from './routes/priority-routes.ts';
import type { Answer, Route } from './routes/route.ts';
import { type ScaleRouteParts, scaleRoutes } from './routes/scale-routes.ts';
import { type StatusRouteParts, statusRoutes } from './routes/status-routes.ts';

/** What the API stands on; each part says what it is for where it is used. */
export interface AppParts
  extends StatusRouteParts,
    ScaleRouteParts,
    ConfigRouteParts,
    PauseRouteParts,
    HostRouteParts,
    OpenRouteParts {
  readonly access: AccessRules;
  readonly log: Logger;
}

/** Longest request body. */
const MAX_BODY_BYTES = 65_536;

/** The scaler's HTTP API as a listener for `node:http`. It only reads and writes the store; the loop acts. */
export function makeApp(parts: AppParts): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use(refuseProxying);
  const routes = [
    ...statusRoutes(parts),
    ...scaleRoutes(parts),
    ...configRoutes(parts),
    ...priorityRoutes(parts.store),
    ...pauseRoutes(parts),
    ...hostRoutes(parts),
    ...openRoutes(parts),
  ];
  for (const route of routes) register(app, parts.access, route);
  for (const [path, allow] of methodsByPath(routes)) {
    app.all(path, (request, response) => {
      const message = `${request.method} is not for ${request.path.slice(0, 200)}`;
      send(response, { kind: 'method_not_allowed', message, allow });
    });
  }
  app.use((request, response) => {
    send(response, { kind: 'not_found', message: `there is no ${request.path.slice(0, 200)}` });
  });
  app.use(sendThrown(parts.log));
  return app;
}

function register(app: Express, access: AccessRules, route: Route): void {
  const before: RequestHandler[] = [guard(access, route.access)];
  if (route.access === 'write' || route.access === 'hosts') before.push(readBody);
  const method = route.method.toLowerCase() as Lowercase<Route['method']>; // TypeScript knows toLowerCase only as string
  app[method](route.path, before, async (request: Request, response: Response) => {
    const { body, query, params } = request;
    // A path's pattern makes each of its parameters one string.
    send(response, await route.answer({ body, query, params: params as Record<string, string> }));
  });
}

/** A compressed body could be larger than it looks, and none of those that are sent here needs it. */
const readBody = express.json({ type: () => true, limit: MAX_BODY_BYTES, strict: false, inflate: false });

/** Lets only those pass who may. */
function guard(access: AccessRules, routeClass: RouteClass): RequestHandler {
  return (request, response, next) => {
    const { headers } = request;
    const refusal = refuse(access, {
      routeClass,
      presentedKey: presentedKey(headers),
      // Of two, Node would show the first and a proxy may have looked at the second.
      host: request.headersDistinct.host?.length === 1 ? headers.host : undefined,
      contentType: headers['content-type'],
    });
    if (refusal === undefined) next();
    else send(response, refusal);
  };
}

/** A whole URL names a host beside the one in the Host header: which of the two counts must not be a question. */
const refuseProxying: RequestHandler = (request, response, next) => {
  if (request.url.startsWith('/')) next();
  else
    send(response, {
      kind: 'invalid_request',
      message: 'the request target must be a path: this is no proxy',
    });
};

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, readonly string[]>();
  for (const { path, method } of routes) methods.set(path, [...(methods.get(path) ?? []), method]);
  return methods;
}

function sendThrown(log: Logger): ErrorRequestHandler {
  // Express tells an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    const refusal = refusalOf(error);
    if (refusal.kind === 'internal' || refusal.kind === 'unavailable') {
      log.error({ err: error, path: request.path }, 'a request failed for a fault of the scaler');
    }
    send(response, refusal);
  };
}

/** What Express and its body parser throw at a caller's fault has a status below 500. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof ScalerError && error.code === 'SCALER_STORE') {
    return { kind: 'unavailable', message: 'the state could not be read or written; the log says more' };
  }
  const { status, message = '' } = error as { readonly status?: number; readonly message?: string };
  if (status === undefined || status >= 500) {
    return { kind: 'internal', message: 'the scaler failed; its log says more' };
  }
  if (status === 413) {
    return { kind: 'payload_too_large', message: `the body is over ${MAX_BODY_BYTES} bytes` };
  }
  if (status === 415)
    return { kind: 'unsupported_media_type', message: `the body can't be read: ${message}` };
  return { kind: 'invalid_request', message: `the request can't be read: ${message}` };
}

function send(response: Response, answer: Answer): void {
  if (answer.kind === 'text') {
    write(response, 200, { 'content-type': answer.contentType }, answer.text);
    return;
  }
  const { status, body, headers } =
    answer.kind === 'json' ? { ...answer, headers: {} } : refusalToHttp(answer);
  write(response, status, { 'content-type': 'application/json', ...headers }, `${JSON.stringify(body)}\n`);
}

function write(
  response: Response,
  status: number,
  headers: Readonly<Record<string, string>>,
  text: string,
): void {
  const length = { 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, { ...headers, ...length, 'cache-control': 'no-store' });
  response.end(text);
}
