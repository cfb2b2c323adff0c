import type { Clock } from '../clock.ts';
import type { Job } from '../job.ts';

/**
 * Watches when jobs' time is up. One sleep at a time, until the earliest moment that any job could be due: progress moves a
 * job's moment later, so most jobs are never looked at.
 */
export class JobDeadlines {
  readonly #clock: Clock;
  readonly #onDue: (job: Job) => void;
  readonly #jobs = new Set<Job>();
  #nextDueMs = Number.POSITIVE_INFINITY;
  #wake = new AbortController();

  constructor(clock: Clock, onDue: (job: Job) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Jobs that are not settled. */
  get size(): number {
    return this.#jobs.size;
  }

  [Symbol.iterator](): Iterator<Job> {
    return this.#jobs[Symbol.iterator]();
  }

  add(job: Job): void {
    this.#jobs.add(job);
    if (job.dueMs >= this.#nextDueMs) return;
    this.#nextDueMs = job.dueMs;
    this.#wake.abort();
  }

  delete(job: Job): void {
    this.#jobs.delete(job);
  }

  /** Runs until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const sleepMs = Math.min(MAX_SLEEP_MS, Math.max(0, this.#nextDueMs - this.#clock.nowMs()));
      await this.#clock.sleep(sleepMs, AbortSignal.any([signal, this.#wake.signal]));
      if (this.#wake.signal.aborted) continue;
      const nowMs = this.#clock.nowMs();
      this.#nextDueMs = Number.POSITIVE_INFINITY;
      for (const job of [...this.#jobs]) {
        if (job.dueMs <= nowMs) this.#onDue(job);
        else this.#nextDueMs = Math.min(this.#nextDueMs, job.dueMs);
      }
    }
  }
}

/** Bounds one sleep, since timers can't be longer than 2³¹ ms. */
const MAX_SLEEP_MS = 60_000;
