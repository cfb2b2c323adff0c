import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../clock.ts';
import { LocalBackendError } from '../errors.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { checkRoute } from './check-route.ts';
import { describeModel, listModels, type ModelState, reportHealth } from './model-report.ts';
import { checkMediaType, parseInputs } from './parse-inputs.ts';
import { readBody } from './read-body.ts';
import { rejectMalformed } from './reject-malformed.ts';
import { requestId } from './request-id.ts';
import { toRoute } from './route.ts';
import { sendJson } from './send-json.ts';
import { toHttpError } from './to-http-error.ts';

/** What {@link createApp} needs. */
export interface AppOptions {
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly maxRequestBytes: number;
  readonly maxQueuedRequests: number;
  /** For `GET /models/{model}` only. */
  readonly maxWorkers: number;
  readonly maxRunTexts: number;
  /** For `GET /models/{model}` only, in ISO 8601. */
  readonly startedAt: string;
}

/** The HTTP server before the queue. */
export interface App {
  /** Begins to listen and says where; predictions are refused with 503 until a worker is there. */
  listen(): Promise<AddressInfo>;
  /**
   * Takes no new request, lets those it has finish for at most `timeoutMs` or until `cut` is aborted, fails the rest, closes. Gives how
   * many failed.
   */
  stop(timeoutMs: number, cut?: AbortSignal): Promise<number>;
}

/** Makes the server; it listens after `listen()`. */
export function createApp(options: AppOptions): App {
  const { queue, clock } = options;
  const running = new Set<ServerResponse>();
  const allDone = new AbortController();
  const stop = new AbortController();
  /** What is under way is of no use any more. */
  const givenUp = new AbortController();
  let everReady = false;

  // Callers keep connections in pools: an idle one outlives the usual 60 s of load balancers, so that they close first.
  const limits = { keepAliveTimeout: 75_000, headersTimeout: 30_000, requestTimeout: 120_000 };
  const server = createServer(limits, (request, response) => {
    running.add(response);
    response.once('close', () => {
      running.delete(response);
      if (stop.signal.aborted && running.size === 0) allDone.abort();
    });
    void respond(request, response);
  });
  server.on('clientError', rejectMalformed);

  return {
    async listen() {
      server.listen(options.port, options.host);
      await once(server, 'listening');
      return server.address() as AddressInfo; // a port, not a pipe
    },
    async stop(timeoutMs, cut) {
      stop.abort();
      const closed = closeServer(server);
      if (running.size > 0)
        await clock.sleep(timeoutMs, AbortSignal.any([allDone.signal, ...(cut ? [cut] : [])]));
      const failed = running.size;
      queue.rejectWaiting(stopping());
      for (const response of running) fail(response, stopping());
      givenUp.abort();
      server.closeIdleConnections();
      await clock.sleep(failed > 0 ? 100 : 0); // the last answers leave the socket
      server.closeAllConnections();
      await closed;
      return failed;
    },
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('x-request-id', requestId(request.headers['x-request-id'], randomUUID));
    if (stop.signal.aborted) response.setHeader('connection', 'close');
    try {
      const route = toRoute(request.url ?? '/', single(request.headers.model_name));
      checkRoute(route, request.method ?? 'GET', (methods) => response.setHeader('allow', methods));
      if (route.kind === 'predict') return await predict(request, response);
      const report =
        route.kind === 'ping'
          ? reportHealth(state())
          : route.kind === 'list-models'
            ? listModels(state())
            : describeModel(state(), options.startedAt);
      sendJson(response, report.status, report.body);
    } catch (error) {
      fail(response, error);
    }
  }

  async function predict(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const left = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) left.abort();
    });
    if (stop.signal.aborted) throw stopping();
    checkMediaType(request.headers['content-type'], request.headers['content-encoding']);
    const input = parseInputs(await readBody(request, options.maxRequestBytes));
    const json = await queue.submit(input, AbortSignal.any([left.signal, givenUp.signal]));
    if (stop.signal.aborted && !response.headersSent) response.setHeader('connection', 'close');
    sendJson(response, 200, json);
  }

  function state(): ModelState {
    everReady ||= queue.workers > 0;
    return {
      phase: stop.signal.aborted ? 'stopping' : everReady ? 'serving' : 'loading',
      workers: queue.workers,
      maxWorkers: options.maxWorkers,
      maxQueuedRequests: options.maxQueuedRequests,
      queuedRequests: queue.queued,
      maxRunTexts: options.maxRunTexts,
    };
  }
}

function fail(response: ServerResponse, error: unknown): void {
  const answer = toHttpError(error);
  sendJson(response, answer.code, answer);
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}

function stopping(): LocalBackendError {
  return new LocalBackendError('BACKEND_STOPPING', 'This server is stopping; send the request elsewhere');
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
