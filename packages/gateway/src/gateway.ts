import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@forebay/pool-client';
import {
  type BackendSource,
  EmbedderPool,
  parseAllowedBackends,
  type TlsOptions,
} from '@forebay/pool-client';
import type { ApiKeys } from './admission/api-keys.ts';
import { createApp } from './app.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { isLoopback } from './config/is-loopback.ts';
import type { TlsFiles } from './config/read-tls.ts';
import { Drain } from './drain.ts';
import { secureOptions } from './listener.ts';
import type { Logger } from './log.ts';
import { gatewayMetrics } from './metrics.ts';
import type { Readiness } from './routes/express-routes.ts';
import type { CountTokens } from './usage.ts';

export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly apiKeys: ApiKeys | undefined;
  /** Certificates for the listener and towards backends. @default none */
  readonly tls?: Pick<TlsFiles, 'listener' | 'backends'>;
  /** Sources of backends besides the configured ones. */
  readonly sources: readonly BackendSource[];
  /** Models that those sources bring. */
  readonly models: readonly string[];
  readonly countTokens: CountTokens;
  /** The length of a text in characters, or four for each of its tokens. @default characters */
  readonly lengthOf?: ((text: string) => number) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  readonly startedS: number;
}

/** A gateway that listens. */
export interface RunningGateway {
  /** `http://host:port`, or `https:` with a certificate. */
  readonly url: string;
  readonly pool: EmbedderPool;
  /**
   * Resolves with true when it can answer or hold: every source was tried once, of local backends the first is up; with
   * false when it was stopped before.
   */
  readonly ready: Promise<boolean>;
  /** Takes another certificate for connections that come from now on; without effect where it listens without TLS. */
  renewTls(listener: TlsOptions): void;
  /** Refuses new requests, finishes those under way within the grace time, and ends. Resolves with how many were cut off. */
  stop(): Promise<number>;
}

/** How often a starting gateway looks whether it is ready, in milliseconds. */
const READY_POLL_MS = 50;

/**
 * Starts a gateway.
 * @throws PoolError for backends that make no sense, and Node's error when it can't listen.
 */
export async function startGateway(parts: GatewayParts): Promise<RunningGateway> {
  const { config, clock, log } = parts;
  const pool = new EmbedderPool({
    backends: config.djlUrls,
    sources: parts.sources,
    models: [...config.models, ...parts.models],
    modelAliases: Object.fromEntries(config.modelAliases),
    strategy: config.loadBalancerStrategy,
    verify: config.verify,
    lengthOf: parts.lengthOf,
    maxQueuedChunks: config.maxQueuedChunks,
    maxQueuedBytes: config.maxQueuedBytes,
    maxHeldJobs: config.maxHeldRequests,
    idleTimeoutMs: config.requestTimeoutMs,
    addressPolicy: parseAllowedBackends(config.allowedBackends.join(',')),
    ...(parts.tls?.backends ? { tls: parts.tls.backends } : {}),
    ...(config.backendsUrl ? { backendsUrl: config.backendsUrl } : {}),
    ...(config.backendsToken ? { backendsToken: config.backendsToken } : {}),
    ...(config.backendsFile ? { backendsFile: config.backendsFile } : {}),
  });
  pool.subscribe((event) => {
    if (event.kind === 'backend-changed') {
      const { backendId, state, reason } = event;
      log.info({ backend: backendId, state, reason }, `backend ${backendId} is ${state}: ${reason}`);
    } else if (event.kind === 'source-problem') {
      log.warn({ problem: event.problem }, 'a source of backends has a problem');
    }
  });
  const drain = new Drain(clock);
  const started = new Started(pool, parts.sources.length > 0);
  const readiness = (): Readiness => {
    if (drain.draining) return { ready: false, state: 'draining' };
    return started.look() ? { ready: true, state: 'ready' } : { ready: false, state: 'starting' };
  };
  const server = createApp({
    ...parts,
    tls: parts.tls?.listener,
    pool,
    drain,
    readiness,
    metrics: gatewayMetrics(pool),
    access: {
      onLoopback: isLoopback(config.host),
      allowOpen: config.forebayAllowOpen,
      apiKeys: parts.apiKeys,
      adminKey: config.forebayAdminKey,
      allowedHosts: config.allowedHosts,
    },
  });
  await listen(server, config);
  pool.start();
  const stopped = new AbortController();
  return {
    url: urlOf(server, config.host),
    renewTls(listener) {
      if (server instanceof TlsServer) server.setSecureContext(secureOptions(listener));
    },
    pool,
    ready: untilReady(readiness, clock, stopped.signal),
    async stop() {
      stopped.abort();
      const left = await drain.drain(config.shutdownGraceMs);
      await pool.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      return left;
    },
  };
}

/** Once started it stays so: what happens to backends later is no reason to take a gateway out of rotation. */
class Started {
  readonly #pool: EmbedderPool;
  readonly #needsBackend: boolean;
  #started = false;

  constructor(pool: EmbedderPool, needsBackend: boolean) {
    this.#pool = pool;
    this.#needsBackend = needsBackend;
  }

  look(): boolean {
    if (this.#started) return true;
    const { triedAllOnce, backends } = this.#pool.stats();
    this.#started = this.#needsBackend ? backends.some(({ state }) => state === 'serving') : triedAllOnce;
    return this.#started;
  }
}

async function untilReady(readiness: () => Readiness, clock: Clock, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted && !readiness().ready) await clock.sleep(READY_POLL_MS, signal);
  return !signal.aborted;
}

function listen(server: Server, { host, port }: GatewayConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  const scheme = server instanceof TlsServer ? 'https' : 'http';
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
