interface Event {
  readonly atMs: number;
  /** Among events of one moment the first planned comes first. */
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time: runs what was planned for a moment when it comes. */
export class EventLine {
  nowMs = 0;
  #heap: Event[] = [];
  #planned = 0;

  at(atMs: number, run: () => void): void {
    this.#planned += 1;
    const event = { atMs: Math.max(atMs, this.nowMs), order: this.#planned, run };
    const heap = this.#heap;
    let i = heap.length;
    while (i > 0) {
      const above = (i - 1) >> 1;
      const parent = heap[above] as Event; // within the heap
      if (!isBefore(event, parent)) break;
      heap[i] = parent;
      i = above;
    }
    heap[i] = event;
  }

  run(untilMs: number): void {
    for (;;) {
      const next = this.#heap[0];
      if (!next || next.atMs > untilMs) break;
      this.#removeFirst();
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event; // the caller saw one
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let below = 2 * i + 1;
      let child = heap[below];
      const right = heap[below + 1];
      if (child && right && isBefore(right, child)) {
        child = right;
        below += 1;
      }
      if (!child || !isBefore(child, last)) break;
      heap[i] = child;
      i = below;
    }
    heap[i] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
