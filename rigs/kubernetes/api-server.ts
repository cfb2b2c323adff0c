import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ApiAnswer, ApiRequest, RouteParts } from './api-exchange.ts';
import { route, selectedBy } from './api-routes.ts';
import { ApiStatus } from './api-status.ts';
import type { KubeObject } from './kube-object.ts';
import { tableOf } from './tables.ts';

/** Who may call. Nothing in it: everybody. */
export interface ApiAccess {
  /** The bearer tokens of this moment. */
  readonly tokens?: () => readonly string[];
  /** PEM texts; with `clientCa`, a certificate signed by it is as good as a token. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly clientCa?: string };
}

export interface ApiServerParts extends RouteParts {
  readonly port: number;
  readonly access: ApiAccess;
  /** Sees each request before it is carried out; may throw an `ApiStatus` in its stead. */
  readonly onRequest: (request: ApiRequest) => void;
}

/** Listens on loopback; resolves with its URL and how to end it. */
export async function startApiServer(
  parts: ApiServerParts,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { tls } = parts.access;
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void serve(request, response, parts);
  const server: Server = tls
    ? createTlsServer(
        { ...tls, ca: tls.clientCa, requestCert: tls.clientCa !== undefined, rejectUnauthorized: false },
        listener,
      )
    : createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parts.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  parts: ApiServerParts,
): Promise<void> {
  try {
    const read = await readRequest(request);
    if (!isKnown(request, parts.access)) throw new ApiStatus(401, 'Unauthorized', 'Unauthorized');
    parts.onRequest(read);
    const answered = route(read, parts);
    if (answered.kind === 'watch') watch(answered, response, parts);
    else send(response, answered.status, answered.body);
  } catch (error) {
    const status = error instanceof ApiStatus ? error : new ApiStatus(500, 'InternalError', String(error));
    send(response, status.code, status.body, status.headers);
  }
}

async function readRequest(request: IncomingMessage): Promise<ApiRequest> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer); // no encoding is set
  const text = Buffer.concat(parts).toString();
  const contentType = (request.headers['content-type'] ?? '').split(';')[0] ?? '';
  const url = new URL(request.url ?? '/', 'http://stand-in');
  try {
    return {
      method: request.method ?? 'GET',
      url,
      contentType,
      wantsTable: request.headers.accept?.includes('as=Table') ?? false,
      body: text === '' ? undefined : JSON.parse(text),
    };
  } catch {
    throw new ApiStatus(
      400,
      'BadRequest',
      `the body is no JSON, which is all that this stand-in reads (${contentType})`,
    );
  }
}

function isKnown({ headers, socket }: IncomingMessage, { tokens, tls }: ApiAccess): boolean {
  if (tls?.clientCa !== undefined && (socket as TLSSocket).authorized) return true;
  if (tokens === undefined) return tls?.clientCa === undefined;
  return tokens().some((token) => headers.authorization === `Bearer ${token}`);
}

type Watch = Extract<ApiAnswer, { readonly kind: 'watch' }>;

/** A version of 0 or none: first all that there is. */
function watch({ path, query, wantsTable }: Watch, response: ServerResponse, parts: ApiServerParts): void {
  const { store, nowMs } = parts;
  const selected = selectedBy(query);
  const say = (type: string, object: KubeObject) => {
    const shown = (wantsTable ? tableOf(path.resource, [object], nowMs()) : undefined) ?? object;
    response.write(`${JSON.stringify({ type, object: shown })}\n`);
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const version = Number(query.get('resourceVersion') ?? 0);
  if (version === 0) {
    for (const object of store.list(path.resource, path.namespace))
      if (selected(object)) say('ADDED', object);
  }
  const unwatch = store.watch(path.resource, version === 0 ? store.version : version, ({ type, object }) => {
    const within = path.namespace === undefined || object.metadata.namespace === path.namespace;
    if (within && selected(object)) say(type, object);
  });
  response.once('close', unwatch);
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
