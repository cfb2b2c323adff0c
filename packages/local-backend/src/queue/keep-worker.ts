import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { SessionThread, SessionThreads } from '../model/session-thread.ts';
import type { JobQueue } from './job-queue.ts';

/** A thread that died is replaced after this pause, so that one that cannot live does not keep a core busy. */
const RESTART_MS = 1_000;

/** What {@link keepWorker} needs. */
export interface WorkerOptions {
  readonly threads: SessionThreads;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the workers, each after the request that it has. */
  readonly signal: AbortSignal;
}

/**
 * Keeps one worker before the queue. The promise inside resolves when the first thread is loaded, and rejects when it cannot be;
 * `ended` resolves when the last thread is gone.
 */
export function keepWorker(options: WorkerOptions): {
  readonly loaded: Promise<void>;
  readonly ended: Promise<void>;
} {
  const first = options.threads.start();
  return { loaded: first.then(() => undefined), ended: keep(first, options) };
}

async function keep(
  first: Promise<SessionThread>,
  { threads, queue, clock, log, signal }: WorkerOptions,
): Promise<void> {
  for (let starting = first; ; starting = threads.start()) {
    try {
      await serve(await starting, queue, signal, log);
    } catch (error) {
      if (starting === first) return; // `loaded` has told
      log(messageOf(error));
    }
    if (signal.aborted) return;
    await clock.sleep(RESTART_MS, signal);
    if (signal.aborted) return;
  }
}

/** Lets a thread work until it dies or `signal` ends it. */
async function serve(thread: SessionThread, queue: JobQueue, signal: AbortSignal, log: Log): Promise<void> {
  const close = () => void thread.close();
  if (signal.aborted) close();
  else queue.add(thread);
  signal.addEventListener('abort', close, { once: true });
  const error = await thread.ended;
  signal.removeEventListener('abort', close);
  queue.remove(thread);
  if (error) log(`${error.message}; starting another`);
}
