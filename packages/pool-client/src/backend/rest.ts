import type { Random } from '../random.ts';

/** First and longest rest that the pool chooses itself, in milliseconds; doubled each time. */
const OWN_MS = { first: 50, longest: 500 };

/** Longest `Retry-After` that is believed: the backend may be well, or gone, long before. */
const LONGEST_ASKED_MS = 30_000;

/**
 * Keeps work from a backend for a while that said that it is full, or that fails and is tried all the same because no other serves:
 * as long as it asked for, else half to the whole of a doubled delay. A good answer ends it.
 */
export class Rest {
  readonly #random: Random;
  #times = 0;
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(random: Random) {
    this.#random = random;
  }

  /** When it may get work again, on the pool's clock. */
  get untilMs(): number {
    return this.#untilMs;
  }

  begin(nowMs: number, askedMs: number | undefined): void {
    const ownMs = Math.min(OWN_MS.longest, OWN_MS.first * 2 ** Math.min(10, this.#times));
    const forMs = Math.min(LONGEST_ASKED_MS, Math.max(askedMs ?? 0, (ownMs * (1 + this.#random())) / 2));
    this.#times += 1;
    this.#untilMs = Math.max(this.#untilMs, nowMs + forMs);
  }

  end(): void {
    this.#times = 0;
    this.#untilMs = Number.NEGATIVE_INFINITY;
  }
}
