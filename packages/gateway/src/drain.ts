import type { Clock } from '@forebay/pool-client';

/** Counts the requests under way, and on demand lets no more in and waits for the last. */
export class Drain {
  readonly #clock: Clock;
  #open = 0;
  #draining = false;
  #whenEmpty: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** A request begins; call the returned function once, when it has ended. */
  begin(): () => void {
    this.#open += 1;
    return () => {
      this.#open -= 1;
      if (this.#open === 0) this.#whenEmpty();
    };
  }

  /** From now on draining. Resolves when the last request has ended, with 0, or after `graceMs` with how many have not. */
  async drain(graceMs: number): Promise<number> {
    this.#draining = true;
    if (this.#open === 0) return 0;
    const over = new AbortController();
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    await Promise.race([empty, this.#clock.sleep(graceMs, over.signal)]);
    over.abort();
    return this.#open;
  }
}
