import type { AddressInfo } from 'node:net';
import { type App, createApp } from './app/app.ts';
import type { Clock } from './clock.ts';
import type { BackendConfig, ModelSourceName } from './config.ts';
import { LocalBackendError, messageOf } from './errors.ts';
import type { Log } from './log.ts';
import { hubSource } from './model/hub-source.ts';
import { locateModel } from './model/locate-model.ts';
import { MODEL_NAME, type ModelFiles } from './model/model-files.ts';
import { pipSource } from './model/pip-source.ts';
import type { ProgressLine } from './model/progress-line.ts';
import { sessionThreads } from './model/session-thread.ts';
import type { WeightsSource } from './model/weights-source.ts';
import { JobQueue } from './queue/job-queue.ts';
import { keepWorker } from './queue/keep-worker.ts';

/** The world outside, as {@link serve} meets it. */
export interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly progress: ProgressLine;
  readonly fetch: typeof globalThis.fetch;
  /** For pip. */
  readonly env: NodeJS.ProcessEnv;
  /** This program's cache folder; may be missing yet. */
  readonly cacheDir: string;
  /** When the process began, in ISO 8601. */
  readonly startedAt: string;
  /**
   * Called when every worker has loaded the model. The port is open before, and answers 503 until then; who is told of it
   * here can send texts at once.
   */
  readonly onReady: (url: string, address: AddressInfo, files: ModelFiles) => void;
}

/** How it is told to end. */
export interface EndSignals {
  /** Takes no new request, and lets those that it has finish for as long as its settings say. */
  readonly stop: AbortSignal;
  /** After `stop`: waits for no request any more. */
  readonly cut: AbortSignal;
}

/** A run of the model takes 0.1 s; one that is under way when the process exits aborts the process, so it is waited for. */
const LAST_RUN_MS = 5_000;

/**
 * Serves until it is told to stop, then lets accepted requests finish. Resolves when everything is closed, with the number of requests
 * that were cut off; rejects when the server can't listen or the model can't be had.
 */
export async function serve(
  config: BackendConfig,
  around: Surroundings,
  { stop, cut }: EndSignals,
): Promise<number> {
  const { clock, log } = around;
  const queue = new JobQueue(config.maxQueuedRequests);
  const app = createApp({ ...config, queue, clock, maxWorkers: config.workers, startedAt: around.startedAt });
  const address = await listen(app, config);
  const workersDone = new AbortController();
  let ended: readonly Promise<void>[] = [];
  try {
    const files = await locateModel({
      modelDir: config.modelDir,
      cacheDir: around.cacheDir,
      sources: config.modelSources.map((name) => toSource(name, config, around)),
      clock,
      log,
      progress: around.progress,
      signal: stop,
    });
    const threads = sessionThreads(files, config);
    const workers = Array.from({ length: config.workers }, () =>
      keepWorker({ threads, queue, clock, log, signal: workersDone.signal }),
    );
    ended = workers.map((worker) => worker.ended);
    await Promise.all(workers.map((worker) => worker.loaded));
    log(
      `ready with ${config.workers} ${config.workers === 1 ? 'worker' : 'workers'} (by ${config.workersBound})`,
    );
    around.onReady(toUrl(config.host, address.port), address, files);
    await aborted(stop);
  } catch (error) {
    if (!stop.aborted) {
      await app.stop(0);
      throw error;
    }
  }
  const cutOff = await app.stop(config.stopTimeoutMs, cut);
  workersDone.abort();
  const allEnded = Promise.all(ended);
  await (cutOff === 0 ? allEnded : Promise.race([allEnded, clock.sleep(LAST_RUN_MS)]));
  return cutOff;
}

async function listen(app: App, { host, port }: BackendConfig): Promise<AddressInfo> {
  try {
    return await app.listen();
  } catch (error) {
    const message = `Cannot listen on HOST ${host}, PORT ${port}: ${messageOf(error)}`;
    throw new LocalBackendError('BACKEND_INVALID_CONFIG', message);
  }
}

function toSource(
  name: ModelSourceName,
  config: BackendConfig,
  { clock, env, fetch }: Surroundings,
): WeightsSource {
  return name === 'pip' ? pipSource({ clock, env }) : hubSource({ hubUrl: config.hubUrl, fetch, clock });
}

/** An address that a program on this machine can call. */
function toUrl(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}/predictions/${MODEL_NAME}`;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
