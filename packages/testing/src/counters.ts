/** What a simulated backend has done since it started or was reset. */
export type Counters = {
  /** Embedding requests that arrived, whatever became of them. */
  readonly requests: number;
  /** Those answered with status 200, spoiled answers included. */
  readonly answered: number;
  /** Those answered with an error status or a reset. */
  readonly rejected: number;
  /** Those that got no answer and never will. */
  readonly hung: number;
  /** Those whose job was skipped, because its client left while it waited. */
  readonly skipped: number;
  /** Texts in requests that could be read. */
  readonly textsReceived: number;
  /** Batches that a worker finished. */
  readonly batchesComputed: number;
  /** Texts in these batches. */
  readonly textsComputed: number;
  /** Texts in the batches that run now, each batch for the share of its time that has passed. */
  readonly textsUnderWay: number;
  /** Computed texts that did nobody any good: the client had left, or a fault spoiled the answer. */
  readonly textsWasted: number;
  /** Most embedding requests at once, from their headers to their answer. */
  readonly maxConcurrency: number;
  readonly openSockets: number;
  readonly maxOpenSockets: number;
  /** Texts in each computed batch, in order; the last 10,000 at least. */
  readonly batchSizes: readonly number[];
  /** How often each text was computed; empty unless `countTexts` is on. */
  readonly timesComputed: ReadonlyMap<string, number>;
};

/** Keeps the {@link Counters}. */
export class CounterLedger {
  readonly #countsTexts: boolean;
  #sums = zeroSums();
  #openRequests = 0;
  #openSockets = 0;
  #batchSizes: number[] = [];
  #timesComputed = new Map<string, number>();

  constructor(countsTexts: boolean) {
    this.#countsTexts = countsTexts;
  }

  add(name: 'answered' | 'rejected' | 'hung' | 'skipped' | 'textsReceived' | 'textsWasted', count = 1): void {
    this.#sums[name] += count;
  }

  requestOpened(): void {
    this.#sums.requests += 1;
    this.#openRequests += 1;
    this.#sums.maxConcurrency = Math.max(this.#sums.maxConcurrency, this.#openRequests);
  }

  requestClosed(): void {
    this.#openRequests -= 1;
  }

  socketOpened(): void {
    this.#openSockets += 1;
    this.#sums.maxOpenSockets = Math.max(this.#sums.maxOpenSockets, this.#openSockets);
  }

  socketClosed(): void {
    this.#openSockets -= 1;
  }

  computed(texts: readonly string[]): void {
    this.#sums.batchesComputed += 1;
    this.#sums.textsComputed += texts.length;
    this.#batchSizes.push(texts.length);
    if (this.#batchSizes.length >= 2 * KEPT_BATCH_SIZES)
      this.#batchSizes = this.#batchSizes.slice(-KEPT_BATCH_SIZES);
    if (!this.#countsTexts) return;
    for (const text of texts) this.#timesComputed.set(text, (this.#timesComputed.get(text) ?? 0) + 1);
  }

  /** A copy of this moment. */
  read(textsUnderWay: number): Counters {
    return {
      ...this.#sums,
      textsUnderWay,
      openSockets: this.#openSockets,
      batchSizes: [...this.#batchSizes],
      timesComputed: new Map(this.#timesComputed),
    };
  }

  /** Back to zero, but for what is open now. */
  reset(): void {
    this.#sums = { ...zeroSums(), maxConcurrency: this.#openRequests, maxOpenSockets: this.#openSockets };
    this.#batchSizes = [];
    this.#timesComputed = new Map();
  }
}

const KEPT_BATCH_SIZES = 10_000;

type Sums = { -readonly [Name in keyof Counters as Counters[Name] extends number ? Name : never]: number };

function zeroSums(): Omit<Sums, 'openSockets' | 'textsUnderWay'> {
  return {
    requests: 0,
    answered: 0,
    rejected: 0,
    hung: 0,
    skipped: 0,
    textsReceived: 0,
    batchesComputed: 0,
    textsComputed: 0,
    textsWasted: 0,
    maxConcurrency: 0,
    maxOpenSockets: 0,
  };
}
