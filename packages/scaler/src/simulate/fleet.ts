/** Replicas of one run: ready ones and the launch seconds of those that are starting. */
export class Fleet {
  readonly #startupSeconds: number;
  #launches: number[] = [];
  #ready: number;

  /** The initial ones are ready. */
  constructor(initial: number, startupSeconds: number) {
    this.#ready = initial;
    this.#startupSeconds = startupSeconds;
  }

  get ready(): number {
    return this.#ready;
  }

  /** Ready and starting ones: all of them cost. */
  get size(): number {
    return this.#ready + this.#launches.length;
  }

  /** Seconds since launch of those that are starting, the oldest first. */
  startingAges(second: number): readonly number[] {
    return this.#launches.length === 0 ? NONE : this.#launches.map((launchedAt) => second - launchedAt);
  }

  /** Replicas whose start-up is over are ready from this second on. */
  becomeReady(second: number): void {
    const over = this.#launches.findIndex((launchedAt) => second - launchedAt < this.#startupSeconds);
    const count = over === -1 ? this.#launches.length : over;
    if (count === 0) return;
    this.#ready += count;
    this.#launches = this.#launches.slice(count);
  }

  /** Launches what is missing to `desired`, or drops what is too many: starting ones first, the youngest of them first. */
  resize(desired: number, second: number): void {
    const missing = desired - this.size;
    for (let i = 0; i < missing; i += 1) this.#launches.push(second);
    if (missing >= 0) return;
    const dropped = Math.min(-missing, this.#launches.length);
    this.#launches.length -= dropped;
    this.#ready -= -missing - dropped;
  }
}

const NONE: readonly number[] = [];
