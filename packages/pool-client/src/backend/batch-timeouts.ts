import type { Clock } from '../clock.ts';

/** One batch under way, for as long as it may take. */
export interface TimedBatch {
  /** Aborted when its time is over, or when its backend is closed. */
  readonly signal: AbortSignal;
  /** Whether it was given up because its time was over. */
  readonly timedOut: boolean;
}

interface Running {
  readonly controller: AbortController;
  readonly signal: AbortSignal;
  readonly dueMs: number;
  timedOut: boolean;
}

/**
 * Gives up the batches of one backend whose time is over. One sleep at a time serves them all: a timer for each would cost a
 * small batch a tenth of its time, and hardly any goes off. A sleep outlasts the batch it was begun for, and ends with the
 * backend.
 */
export class BatchTimeouts {
  /** Longest time of a batch, in milliseconds. */
  readonly timeoutMs: number;
  readonly #clock: Clock;
  readonly #closed: AbortSignal;
  /** In the order in which they are due, since all may take equally long. */
  readonly #running = new Set<Running>();
  #watching = false;

  /** `closed` gives up all of them, those that begin later too. */
  constructor(clock: Clock, timeoutMs: number, closed: AbortSignal) {
    this.#clock = clock;
    this.timeoutMs = timeoutMs;
    this.#closed = closed;
    closed.addEventListener('abort', () => this.#giveUp(Number.POSITIVE_INFINITY, false), { once: true });
  }

  /** A batch begins; to be handed to `end` when it has ended, whatever came of it. */
  begin(nowMs: number): TimedBatch {
    const controller = new AbortController();
    const running: Running = {
      controller,
      signal: controller.signal,
      dueMs: nowMs + this.timeoutMs,
      timedOut: false,
    };
    this.#running.add(running);
    if (this.#closed.aborted) this.#giveUp(Number.POSITIVE_INFINITY, false);
    else if (!this.#watching) void this.#watch();
    return running;
  }

  end(batch: TimedBatch): void {
    // `as` holds: only `begin` makes them.
    this.#running.delete(batch as Running);
  }

  /** When the oldest that is under way began; undefined when none is. */
  get oldestBegunMs(): number | undefined {
    const [first] = this.#running;
    return first && first.dueMs - this.timeoutMs;
  }

  /** Gives up those that began before a moment though their time is not over: they will not be answered any more. */
  giveUpBegunBefore(beginMs: number): void {
    this.#giveUp(beginMs + this.timeoutMs, true);
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    let [first] = this.#running;
    while (first && !this.#closed.aborted) {
      await this.#clock.sleep(Math.max(0, first.dueMs - this.#clock.nowMs()), this.#closed);
      this.#giveUp(this.#clock.nowMs(), true);
      [first] = this.#running;
    }
    this.#watching = false;
  }

  #giveUp(dueUntilMs: number, timedOut: boolean): void {
    for (const running of this.#running) {
      if (running.dueMs > dueUntilMs) return;
      this.#running.delete(running);
      running.timedOut = timedOut;
      running.controller.abort(OVER);
    }
  }
}

/** Reason of aborts that nobody reads: made once, since making one costs a stack trace. */
const OVER = new Error('over');
