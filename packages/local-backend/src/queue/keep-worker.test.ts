import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { LocalBackendError } from '../errors.ts';
import type { SessionThread } from '../model/session-thread.ts';
import { JobQueue } from './job-queue.ts';
import { keepWorker } from './keep-worker.ts';

/** Threads whose loading and death the test decides. */
function fakeThreads(loads: readonly boolean[]) {
  const started: { die(): void }[] = [];
  const start = async (): Promise<SessionThread> => {
    const loaded = loads[started.length] ?? true;
    const { promise: ended, resolve } = Promise.withResolvers<LocalBackendError | undefined>();
    started.push({ die: () => resolve(new LocalBackendError('BACKEND_WORKER_DIED', 'it died')) });
    if (!loaded) throw new LocalBackendError('BACKEND_SESSION_FAILED', 'it does not load');
    return { ended, embed: () => Promise.resolve(Buffer.from('[]')), close: async () => resolve(undefined) };
  };
  return { start, started };
}

function keep(loads: readonly boolean[]) {
  const threads = fakeThreads(loads);
  const queue = new JobQueue(1);
  const clock = new ManualClock();
  const stop = new AbortController();
  const logged: string[] = [];
  const log = (message: string) => logged.push(message);
  return {
    ...keepWorker({ threads, queue, clock, log, signal: stop.signal }),
    threads,
    queue,
    clock,
    stop,
    logged,
  };
}

it('puts a worker before the queue until it is stopped', async () => {
  const { loaded, ended, queue, stop } = keep([true]);
  await loaded;
  await new Promise((resolve) => setImmediate(resolve));
  expect(queue.workers).toBe(1);
  stop.abort();
  await ended;
  expect(queue.workers).toBe(0);
});

it('replaces a thread that died after a second, as often as it takes', async () => {
  const { loaded, queue, clock, threads, stop, logged, ended } = keep([true, false, true]);
  await loaded;
  threads.started[0]?.die();
  await clock.advance(999);
  expect([queue.workers, threads.started.length]).toEqual([0, 1]);
  await clock.advance(1);
  expect(threads.started.length).toBe(2);
  await clock.advance(1_000);
  expect([queue.workers, threads.started.length]).toEqual([1, 3]);
  expect(logged).toEqual(['it died; starting another', 'it does not load']);
  stop.abort();
  await ended;
});

it('tells when the first thread does not load, and stops', async () => {
  const { loaded, ended, threads } = keep([false]);
  await expect(loaded).rejects.toThrow('it does not load');
  await ended;
  expect(threads.started.length).toBe(1);
});
