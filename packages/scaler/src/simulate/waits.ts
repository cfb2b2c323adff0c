/**
 * The waits of many requests, kept as straight runs: `count` requests whose waits go in even steps from one to another.
 * Requests of one second that are served at one speed are such a run, so that a day takes some hundred thousand numbers
 * however many requests it had.
 */
export class Waits {
  readonly #shortest: number[] = [];
  readonly #longest: number[] = [];
  readonly #counts: number[] = [];
  #withoutWait = 0;
  #unserved = 0;
  #served = 0;
  #maxSeconds = 0;

  /** Adds a run of `count` requests. */
  add(firstSeconds: number, lastSeconds: number, count: number): void {
    const longest = Math.max(firstSeconds, lastSeconds);
    this.#served += count;
    if (longest <= RESOLUTION_SECONDS) {
      this.#withoutWait += count;
      return;
    }
    this.#shortest.push(Math.min(firstSeconds, lastSeconds));
    this.#longest.push(longest);
    this.#counts.push(count);
    this.#maxSeconds = Math.max(this.#maxSeconds, longest);
  }

  /** Adds requests that were never served: their wait is infinite. */
  addUnserved(count: number): void {
    this.#unserved += count;
  }

  get unserved(): number {
    return this.#unserved;
  }

  /** The longest wait: `Infinity` when one is unserved, 0 when there are none. */
  max(): number {
    return this.#unserved > 0 ? Infinity : round(this.#maxSeconds);
  }

  /**
   * The nearest-rank percentile: the shortest wait that at least `share` (0–1) of the requests don't exceed; 0 when there
   * are none. Of 200 requests p99 is the 198th shortest wait.
   */
  percentile(share: number): number {
    const rank = Math.ceil(share * (this.#served + this.#unserved) - 1e-9);
    if (rank > this.#served) return Infinity;
    if (rank <= this.#withoutWait) return 0;
    return round(this.#waitOfRank(rank - this.#withoutWait));
  }

  /** Halves a range until nothing but the wait of that rank is in it; runs outside the range are not looked at again. */
  #waitOfRank(rankOfWaiting: number): number {
    let rank = rankOfWaiting;
    let above = -1;
    let upTo = this.#maxSeconds;
    let runs = this.#counts.map((_, run) => run);
    while (upTo - above > RESOLUTION_SECONDS) {
      const middle = (above + upTo) / 2;
      let within = 0;
      for (const run of runs) within += this.#countUpTo(middle, run) - this.#countUpTo(above, run);
      if (within >= rank) upTo = middle;
      else {
        rank -= within;
        above = middle;
      }
      // The indices are of these lists, which grow together.
      runs = runs.filter((run) => this.#longest[run]! > above && this.#shortest[run]! <= upTo);
    }
    return upTo;
  }

  /** How many of a run's waits are at most `seconds`. */
  #countUpTo(seconds: number, run: number): number {
    const shortest = this.#shortest[run]!;
    const longest = this.#longest[run]!;
    const count = this.#counts[run]!;
    if (seconds >= longest) return count;
    if (seconds < shortest) return 0;
    return Math.floor(((seconds - shortest) / (longest - shortest)) * (count - 1) + 1e-12) + 1;
  }
}

const RESOLUTION_SECONDS = 1e-7;

function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
