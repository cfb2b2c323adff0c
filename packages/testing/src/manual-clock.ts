import type { Clock } from './clock.ts';

/**
 * A clock that stands still until a test moves it.
 *
 * @example
 * const clock = new ManualClock();
 * const slept = clock.sleep(100);
 * await clock.advance(100);
 * await slept;
 */
export class ManualClock implements Clock {
  #nowMs: number;
  #sleepers: readonly Sleeper[] = [];
  #advanced: Promise<void> = Promise.resolve();

  /** @param startMs what `nowMs()` says at first; 0 by default */
  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Wakes in the `advance` that reaches `delayMs` from now; a delay of 0 or less in the next `advance`, even of 0. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', wake);
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      };
      const sleeper: Sleeper = { dueMs: this.#nowMs + Math.max(0, delayMs), wake };
      this.#sleepers = [...this.#sleepers, sleeper];
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** How many sleeps have neither come to their time nor been aborted. */
  get pendingSleeps(): number {
    return this.#sleepers.length;
  }

  /**
   * Moves time by `ms` (0 or more, else throws) and wakes the sleepers on the way, the earliest first and equals in the order
   * they lay down. After each wake what it set off runs until it waits for something else, so a loop that sleeps
   * again inside the interval wakes again. Calls made at the same time run one after the other.
   */
  advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`ms must be 0 or more, got ${ms}`);
    this.#advanced = this.#advanced.then(() => this.#moveTo(this.#nowMs + ms));
    return this.#advanced;
  }

  async #moveTo(untilMs: number): Promise<void> {
    await settle();
    for (let next = this.#earliest(untilMs); next; next = this.#earliest(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.wake();
      await settle();
    }
    this.#nowMs = untilMs;
  }

  #earliest(untilMs: number): Sleeper | undefined {
    let earliest: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.dueMs <= untilMs && (!earliest || sleeper.dueMs < earliest.dueMs)) earliest = sleeper;
    }
    return earliest;
  }
}

type Sleeper = { readonly dueMs: number; readonly wake: () => void };

/** Two turns: code that itself waits for one `setImmediate` comes to rest as well. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
