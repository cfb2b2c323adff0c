/** Gets told that `count` requests of `arrivalSecond` began to be served, their waits in even steps from the first to the last. */
export type OnStarted = (
  arrivalSecond: number,
  firstWaitSeconds: number,
  lastWaitSeconds: number,
  count: number,
) => void;

/**
 * One queue, first in first out, before one server whose speed may change each second.
 *
 * The i-th of the n requests of second s arrives at s + i/n. Each is one unit of work; work flows at the capacity of the
 * second, so that a fraction of a request may be done when a second ends and is not lost. A free server waits for nobody:
 * capacity that found no work is gone. A request's wait is the time from its arrival to the start of its service.
 *
 * Worked example: 3 requests in second 0 at capacity 2 arrive at 0, 1/3 and 2/3, start at 0, 1/2 and 1, wait 0, 1/6 and 1/3;
 * after second 0 one unit of work is left.
 *
 * The queue is two numbers (the second at its head and how much of it is done): the trace itself holds the rest.
 */
export class FluidQueue {
  readonly #requests: ArrayLike<number>;
  readonly #onStarted: OnStarted;
  #head = 0;
  #headDone = 0;
  #backlog = 0;

  constructor(requests: ArrayLike<number>, onStarted: OnStarted) {
    this.#requests = requests;
    this.#onStarted = onStarted;
  }

  /** Work that waits, in requests. */
  get backlog(): number {
    return this.#backlog;
  }

  /** How long the head of the queue has waited at the start of `second`; 0 when nothing waits. */
  oldestSeconds(second: number): number {
    if (this.#backlog === 0) return 0;
    return second - this.#head - this.#headDone / this.#size(this.#head);
  }

  /** Lets one second pass: its requests arrive, `capacity` units of work can be done. Returns how many were. */
  pass(second: number, capacity: number): number {
    const before = this.#backlog + this.#size(second);
    let now = second;
    let done = 0;
    while (this.#head < second && capacity > 0) {
      const possible = (second + 1 - now) * capacity;
      if (possible <= ROUNDING) break;
      const portion = Math.min(this.#size(this.#head) - this.#headDone, possible);
      this.#serve(portion, now, capacity);
      this.#skipDone(second);
      now += portion / capacity;
      done += portion;
    }
    if (this.#head === second && capacity > 0) done += this.#serveWhileArriving(second, now, capacity);
    this.#skipDone(second + 1);
    this.#backlog = this.#head > second ? 0 : Math.max(0, before - done);
    return before - this.#backlog;
  }

  /** Requests whose service has not begun, by arrival second. */
  notStarted(onNotStarted: (arrivalSecond: number, count: number) => void): void {
    for (let second = this.#head; second < this.#requests.length; second += 1) {
      const begun = second === this.#head ? Math.ceil(this.#headDone - ROUNDING) : 0;
      if (this.#size(second) > begun) onNotStarted(second, this.#size(second) - begun);
    }
  }

  /** The second's own requests: first those that come while older work keeps the server behind, then those that start at once. */
  #serveWhileArriving(second: number, now: number, capacity: number): number {
    const size = this.#size(second);
    if (size === 0) return 0;
    const caughtUpAt = catchUp(now - second, size, capacity);
    const behind = Math.min(size, caughtUpAt, (second + 1 - now) * capacity);
    this.#serve(behind, now, capacity);
    if (caughtUpAt >= size) return behind;
    const begun = Math.ceil(this.#headDone - ROUNDING);
    if (size > begun) this.#onStarted(second, 0, 0, size - begun);
    this.#headDone = size;
    return size;
  }

  #serve(portion: number, now: number, capacity: number): void {
    const size = this.#size(this.#head);
    const from = this.#headDone;
    const to = size - from - portion <= ROUNDING ? size : from + portion;
    const first = Math.ceil(from - ROUNDING);
    const count = Math.ceil(to - ROUNDING) - first;
    this.#headDone = to;
    if (count <= 0) return;
    const wait = (i: number) => Math.max(0, now + (i - from) / capacity - this.#head - i / size);
    this.#onStarted(this.#head, wait(first), wait(first + count - 1), count);
  }

  #skipDone(end: number): void {
    while (this.#head < end && this.#headDone >= this.#size(this.#head)) {
      this.#head += 1;
      this.#headDone = 0;
    }
  }

  #size(second: number): number {
    return this.#requests[second] ?? 0;
  }
}

const ROUNDING = 1e-9;

/** After how many of a second's requests a server that starts on them `lagSeconds` late has caught up with their arrival. */
function catchUp(lagSeconds: number, size: number, capacity: number): number {
  if (lagSeconds <= ROUNDING && capacity >= size) return 0;
  if (capacity <= size) return Infinity;
  return lagSeconds / (1 / size - 1 / capacity);
}
