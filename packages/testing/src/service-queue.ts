import { setMaxListeners } from 'node:events';
import type { Clock } from './clock.ts';

/** One request that waits for a worker. */
export interface Job {
  /** Whether nobody waits for it any more: such a job is skipped when its turn comes. */
  abandoned(): boolean;
}

/** Jobs that a worker works on together. */
export interface Batch {
  /** How long the worker takes for all of it, 0 or more milliseconds. */
  readonly serviceMs: number;
  /** How much work it is, in texts. */
  readonly texts: number;
  /** Called when its time is up, also when its jobs were abandoned while it ran. */
  done(): void;
}

/** How much a queue holds and how it is worked off. */
export interface QueueSize {
  /** At least 1. */
  readonly workers: number;
  /** At least 1; one less may wait. */
  readonly jobQueueSize: number;
  /** Most jobs in a batch, at least 1. */
  readonly batchSize: number;
  /** Milliseconds that a batch which is not full waits for more jobs, from when a worker took its first. */
  readonly maxBatchDelayMs: number;
}

/**
 * A model's job queue and workers as DJL has them: first in first out and bounded. A worker takes a job, then what waits, up to
 * `batchSize` jobs, and while its batch is not full it waits `maxBatchDelayMs` for more before it begins.
 *
 * A worker keeps the time at which it is free as a number, and the next waiting job starts at that time, however late its
 * timer fired. So the rate is right for service times below a timer's millisecond too. An answer comes at most half a
 * millisecond early, and as late as the timers are.
 */
export class ServiceQueue<QueuedJob extends Job> {
  readonly #size: QueueSize;
  readonly #clock: Clock;
  readonly #merge: (jobs: readonly QueuedJob[]) => Batch;
  readonly #workers: readonly Worker<QueuedJob>[];
  #idle: Worker<QueuedJob>[];
  #waiting: Waiting<QueuedJob>[] = [];
  #life = newLife();

  /** `merge` is called with one job or more when a worker begins with them. */
  constructor(size: QueueSize, clock: Clock, merge: (jobs: readonly QueuedJob[]) => Batch) {
    this.#size = size;
    this.#clock = clock;
    this.#merge = merge;
    this.#workers = Array.from({ length: size.workers }, () => ({
      freeAtMs: 0,
      running: undefined,
      gathering: undefined,
    }));
    this.#idle = [...this.#workers];
  }

  /**
   * Takes a job in, or answers false: the workers are all busy and `jobQueueSize - 1` jobs wait (abandoned ones count until
   * their turn). A batch of 0 ms for an idle worker is done before this returns.
   */
  submit(job: QueuedJob): boolean {
    const arrival = { job, arrivedMs: this.#clock.nowMs() };
    const { batchSize, jobQueueSize } = this.#size;
    for (const { gathering } of this.#workers) {
      if (gathering === undefined || gathering.batch.length >= batchSize) continue;
      gathering.batch.push(arrival);
      if (gathering.batch.length === batchSize) gathering.over.abort();
      return true;
    }
    const worker = this.#idle.pop();
    if (worker) {
      this.#serve(worker, arrival);
      return true;
    }
    if (this.#waiting.length >= jobQueueSize - 1) return false;
    this.#waiting.push(arrival);
    return true;
  }

  /** Jobs that wait for a worker; those of a batch that runs or gathers are not counted. */
  get waitingJobs(): number {
    return this.#waiting.length;
  }

  get busyWorkers(): number {
    return this.#workers.length - this.#idle.length;
  }

  /** The texts of running batches, each batch for the share of its time that has passed. */
  get textsUnderWay(): number {
    const nowMs = this.#clock.nowMs();
    return this.#workers.reduce((sum, { running, freeAtMs }) => {
      if (running === undefined) return sum;
      const share = 1 - (freeAtMs - nowMs) / running.serviceMs;
      return sum + running.texts * Math.min(1, Math.max(0, share));
    }, 0);
  }

  /** Forgets all jobs, waiting or running; none of them is called again. */
  clear(): void {
    this.#life.abort();
    this.#life = newLife();
    this.#waiting = [];
    for (const worker of this.#workers) {
      worker.freeAtMs = 0;
      worker.running = undefined;
      worker.gathering?.over.abort();
      worker.gathering = undefined;
    }
    this.#idle = [...this.#workers];
  }

  #serve(worker: Worker<QueuedJob>, first: Waiting<QueuedJob> | undefined): void {
    const { batchSize, maxBatchDelayMs } = this.#size;
    for (let next = first; next; next = this.#nextWaiting()) {
      const batch = [next];
      while (batch.length < batchSize) {
        const another = this.#nextWaiting();
        if (!another) break;
        batch.push(another);
      }
      const takenMs = Math.max(worker.freeAtMs, next.arrivedMs);
      if (batch.length < batchSize && maxBatchDelayMs > 0) {
        void this.#gather(worker, batch, takenMs + maxBatchDelayMs, this.#life.signal);
        return;
      }
      if (!this.#begin(worker, batch, takenMs)) return;
    }
    this.#idle.push(worker);
  }

  /** Waits until the batch is full or it is `untilMs`, then works on it. */
  async #gather(
    worker: Worker<QueuedJob>,
    batch: Waiting<QueuedJob>[],
    untilMs: number,
    life: AbortSignal,
  ): Promise<void> {
    const over = new AbortController();
    worker.gathering = { batch, over };
    while (!over.signal.aborted && untilMs - this.#clock.nowMs() >= MAX_EARLY_MS) {
      await this.#clock.sleep(Math.max(1, Math.round(untilMs - this.#clock.nowMs())), over.signal);
    }
    if (life.aborted) return;
    worker.gathering = undefined;
    const notBeforeMs = over.signal.aborted ? 0 : untilMs;
    if (this.#begin(worker, batch, notBeforeMs)) this.#serve(worker, this.#nextWaiting());
  }

  /** Whether the batch is done already; else the worker goes on by itself. */
  #begin(worker: Worker<QueuedJob>, waiting: readonly Waiting<QueuedJob>[], notBeforeMs: number): boolean {
    const batch = this.#merge(waiting.map(({ job }) => job));
    const startMs = waiting.reduce(
      (latest, { arrivedMs }) => Math.max(latest, arrivedMs),
      Math.max(worker.freeAtMs, notBeforeMs),
    );
    worker.freeAtMs = startMs + batch.serviceMs;
    if (batch.serviceMs > 0 && !this.#isFree(worker)) {
      worker.running = batch;
      void this.#run(worker, batch, this.#life.signal);
      return false;
    }
    batch.done();
    return true;
  }

  async #run(worker: Worker<QueuedJob>, batch: Batch, life: AbortSignal): Promise<void> {
    while (!life.aborted && !this.#isFree(worker)) {
      await this.#clock.sleep(Math.max(1, Math.round(worker.freeAtMs - this.#clock.nowMs())), life);
    }
    if (life.aborted) return;
    worker.running = undefined;
    batch.done();
    this.#serve(worker, this.#nextWaiting());
  }

  #isFree(worker: Worker<QueuedJob>): boolean {
    return worker.freeAtMs - this.#clock.nowMs() < MAX_EARLY_MS;
  }

  #nextWaiting(): Waiting<QueuedJob> | undefined {
    let next = this.#waiting.shift();
    while (next?.job.abandoned()) next = this.#waiting.shift();
    return next;
  }
}

const MAX_EARLY_MS = 0.5;

type Worker<QueuedJob> = {
  freeAtMs: number;
  running: Batch | undefined;
  /** A batch that is not full and waits for more; `over` is aborted when it is. */
  gathering: { readonly batch: Waiting<QueuedJob>[]; readonly over: AbortController } | undefined;
};
type Waiting<QueuedJob> = { readonly job: QueuedJob; readonly arrivedMs: number };

/** Each running batch listens, and there may be more of them than the ten that Node takes for a leak. */
function newLife(): AbortController {
  const life = new AbortController();
  setMaxListeners(0, life.signal);
  return life;
}
