/** What may be sent again; amounts in chunks. */
export interface RetryBudgetOptions {
  /** Chunks earned by each that is sent for the first time. @default 0.2 */
  readonly share: number;
  /** Chunks that are there from the start, and the most that are ever saved. @default 1,000 */
  readonly reserve: number;
  /** Chunks earned each second though nothing is sent, so that callers who all wait for a retry get one. @default 50 */
  readonly perSecond: number;
}

export const RETRY_BUDGET: RetryBudgetOptions = Object.freeze({ share: 0.2, reserve: 1_000, perSecond: 50 });

/** What searches for bad chunks may send: refused batches cost little, and everybody in them waits. */
export const SEARCH_BUDGET: RetryBudgetOptions = Object.freeze({ share: 0.5, reserve: 2_000, perSecond: 50 });

/**
 * Bounds what a whole pool sends again, for whatever reason: a token bucket as in Finagle, counted in chunks. Work beyond it is not
 * failed, it waits; so a sick backend can never fill the others with what it dropped.
 *
 * With 3,000 chunks/s a backend that drops a fifth of them has 600 sent again elsewhere, just what is earned.
 */
export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  #chunks: number;
  #countedMs: number | undefined;

  constructor(options: RetryBudgetOptions) {
    this.#options = options;
    this.#chunks = options.reserve;
  }

  /** Chunks left for a first time. */
  sent(chunks: number): void {
    this.#chunks = Math.min(this.#options.reserve, this.#chunks + this.#options.share * chunks);
  }

  /** Whether something may be sent again now; the last that is may overdraw it, by a batch. */
  allows(nowMs: number): boolean {
    this.#earn(nowMs);
    return this.#chunks > 0;
  }

  /** Chunks were sent again. */
  spend(chunks: number): void {
    this.#chunks -= chunks;
  }

  /** Milliseconds until something may be sent again though nothing else is sent; 0 when it may now. */
  waitMs(nowMs: number): number {
    if (this.allows(nowMs)) return 0;
    return 1 + (1_000 * -this.#chunks) / this.#options.perSecond;
  }

  #earn(nowMs: number): void {
    const sinceMs = nowMs - (this.#countedMs ?? nowMs);
    this.#countedMs = nowMs;
    this.#chunks = Math.min(
      this.#options.reserve,
      this.#chunks + (sinceMs / 1_000) * this.#options.perSecond,
    );
  }
}
