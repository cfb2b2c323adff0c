/** The mean of the last `size` values, in constant time per value. */
export class RollingMean {
  readonly #values: Float64Array;
  #count = 0;
  #next = 0;
  #sum = 0;

  constructor(size: number) {
    this.#values = new Float64Array(size);
  }

  push(value: number): void {
    // In range: `#next` runs from 0 to size - 1, and a typed array holds a number everywhere.
    this.#sum += value - this.#values[this.#next]!;
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#values.length;
    this.#count = Math.min(this.#count + 1, this.#values.length);
    // Once a round the sum is made anew, or its rounding errors would add up over a day.
    if (this.#next === 0) this.#sum = this.#values.reduce((sum, one) => sum + one, 0);
  }

  /** Undefined before the first value. */
  mean(): number | undefined {
    return this.#count === 0 ? undefined : Math.max(0, this.#sum / this.#count);
  }
}
