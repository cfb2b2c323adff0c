import type { Clock } from '../clock.ts';

/** Aborts its signal once nothing has progressed for `stallMs`; watches from its making until `stop()`. */
export class StallWatch {
  readonly #clock: Clock;
  readonly #stalled = new AbortController();
  readonly #stopped = new AbortController();
  #lastMs: number;

  constructor(clock: Clock, stallMs: number) {
    this.#clock = clock;
    this.#lastMs = clock.nowMs();
    void this.#watch(stallMs);
  }

  /** Aborted, with the reason, when nothing came for too long. */
  get signal(): AbortSignal {
    return this.#stalled.signal;
  }

  /** Something came. */
  progressed(): void {
    this.#lastMs = this.#clock.nowMs();
  }

  /** Ends the watch. */
  stop(): void {
    this.#stopped.abort();
  }

  async #watch(stallMs: number): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const leftMs = this.#lastMs + stallMs - this.#clock.nowMs();
      if (leftMs <= 0) {
        this.#stalled.abort(new Error(`nothing came for ${stallMs / 1000} s`));
        return;
      }
      await this.#clock.sleep(leftMs, this.#stopped.signal);
    }
  }
}
