/** Let go of what was taken once it is at least this much, and half of all. */
const COMPACT_AT = 64;

/** First in, first out; taking from the front costs the same however many wait. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The item at a place from the front; undefined behind the last. */
  at(place: number): T | undefined {
    return this.#items[this.#head + place];
  }

  /** Takes an item out; from the front at no cost, elsewhere at that of moving those behind it. */
  removeAt(place: number): void {
    if (place > 0) {
      this.#items.splice(this.#head + place, 1);
      return;
    }
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head < COMPACT_AT || this.#head * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
