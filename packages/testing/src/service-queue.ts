import { setMaxListeners } from 'node:events';
import type { Clock } from './clock.ts';

/** One batch for a worker. */
export interface Job {
  /** How long a worker takes for it, 0 or more milliseconds. */
  readonly serviceMs: number;
  /** Whether nobody waits for it any more: such a job is skipped when its turn comes. */
  abandoned(): boolean;
  /** Called when its time is up, also when it was abandoned while it ran. */
  done(): void;
}

/**
 * A model's job queue and workers as DJL has them: first in first out, one job to a worker, bounded.
 *
 * A worker keeps the time at which it is free as a number, and the next waiting job starts at that time, however late its
 * timer fired. So the rate is right for service times below a timer's millisecond too. An answer comes at most half a
 * millisecond early, and as late as the timers are.
 */
export class ServiceQueue {
  readonly #jobQueueSize: number;
  readonly #clock: Clock;
  readonly #workers: readonly Worker[];
  #idle: Worker[];
  #waiting: Waiting[] = [];
  #life = newLife();

  /** `workers` and `jobQueueSize` are whole numbers of at least 1 */
  constructor(size: { readonly workers: number; readonly jobQueueSize: number }, clock: Clock) {
    this.#jobQueueSize = size.jobQueueSize;
    this.#clock = clock;
    this.#workers = Array.from({ length: size.workers }, () => ({ freeAtMs: 0 }));
    this.#idle = [...this.#workers];
  }

  /**
   * Takes a job in, or answers false: the workers are all busy and `jobQueueSize - 1` jobs wait (abandoned ones count until
   * their turn). A job of 0 ms for an idle worker is done before this returns.
   */
  submit(job: Job): boolean {
    const worker = this.#idle.pop();
    if (worker) {
      this.#serve(worker, { job, arrivedMs: this.#clock.nowMs() });
      return true;
    }
    if (this.#waiting.length >= this.#jobQueueSize - 1) return false;
    this.#waiting.push({ job, arrivedMs: this.#clock.nowMs() });
    return true;
  }

  /** Jobs that wait for a worker; running ones are not counted. */
  get waitingJobs(): number {
    return this.#waiting.length;
  }

  get busyWorkers(): number {
    return this.#workers.length - this.#idle.length;
  }

  /** Forgets all jobs, waiting or running; none of them is called again. */
  clear(): void {
    this.#life.abort();
    this.#life = newLife();
    this.#waiting = [];
    for (const worker of this.#workers) worker.freeAtMs = 0;
    this.#idle = [...this.#workers];
  }

  #serve(worker: Worker, first: Waiting): void {
    for (let next: Waiting | undefined = first; next; next = this.#nextWaiting()) {
      worker.freeAtMs = Math.max(worker.freeAtMs, next.arrivedMs) + next.job.serviceMs;
      if (next.job.serviceMs > 0 && !this.#isFree(worker)) {
        void this.#run(worker, next.job, this.#life.signal);
        return;
      }
      next.job.done();
    }
    this.#idle.push(worker);
  }

  async #run(worker: Worker, job: Job, life: AbortSignal): Promise<void> {
    while (!life.aborted && !this.#isFree(worker)) {
      await this.#clock.sleep(Math.max(1, Math.round(worker.freeAtMs - this.#clock.nowMs())), life);
    }
    if (life.aborted) return;
    job.done();
    const next = this.#nextWaiting();
    if (next) this.#serve(worker, next);
    else this.#idle.push(worker);
  }

  #isFree(worker: Worker): boolean {
    return worker.freeAtMs - this.#clock.nowMs() < MAX_EARLY_MS;
  }

  #nextWaiting(): Waiting | undefined {
    let next = this.#waiting.shift();
    while (next?.job.abandoned()) next = this.#waiting.shift();
    return next;
  }
}

const MAX_EARLY_MS = 0.5;

type Worker = { freeAtMs: number };
type Waiting = { readonly job: Job; readonly arrivedMs: number };

/** Each running job listens, and there may be more of them than the ten that Node takes for a leak. */
function newLife(): AbortController {
  const life = new AbortController();
  setMaxListeners(0, life.signal);
  return life;
}
