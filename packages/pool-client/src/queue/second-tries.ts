import type { Job } from '../job.ts';
import { type Batch, batchOf, cutBatch, openPart, type Span } from './batch.ts';
import type { BatchFill } from './batch-fill.ts';
import type { Accepts } from './flow.ts';

/** Ties the half of a refused batch that is tried to the other half, which is parked until the answer is in. */
export type Bisection = symbol;

/** Told of chunks that leave without being taken: their job goes on, and somebody else has answered them. */
export type OnLeft = (span: Span) => void;

/**
 * Chunks that were sent before and are to be sent again: batches that failed stay together and leave first; chunks that turned out to
 * have stood beside a bad one join any batch.
 */
export class SecondTries {
  #waiting: Batch[] = [];
  readonly #parked = new Map<Bisection, Batch>();
  #cleared: Span[] = [];
  readonly #onLeft: OnLeft;

  constructor(onLeft: OnLeft) {
    this.#onLeft = onLeft;
  }

  /** All that is here, settled chunks included. */
  *spans(): Generator<Span> {
    for (const { spans } of this.#waiting) yield* spans;
    for (const { spans } of this.#parked.values()) yield* spans;
    yield* this.#cleared;
  }

  put(batch: Batch): void {
    this.#waiting.push(batch);
  }

  /** Keeps the other half until `takeParked`. */
  park(bisection: Bisection, batch: Batch): void {
    this.#parked.set(bisection, batch);
  }

  /** Takes the open chunks that were parked; undefined when there are none. */
  takeParked(bisection: Bisection): Batch | undefined {
    const parked = this.#parked.get(bisection);
    this.#parked.delete(bisection);
    return parked && this.#openOf(parked);
  }

  /** Chunks of which nothing bad is known any more. */
  clear({ spans }: Batch): void {
    this.#cleared.push(...spans);
  }

  /** The next moment after `nowMs` at which a batch that has to wait may be sent again; undefined when none waits. */
  nextMs(nowMs: number): number | undefined {
    const moments = this.#waiting
      .map(({ history }) => history.notBeforeMs)
      .filter((moment) => moment > nowMs);
    return moments.length > 0 ? Math.min(...moments) : undefined;
  }

  /** Takes the first batch that may go, at most so many chunks of it. */
  take(maxChunks: number, mayRetry: (batch: Batch) => boolean): Batch | undefined {
    for (let i = 0; i < this.#waiting.length; i += 1) {
      const queued = this.#waiting[i] as Batch; // i is inside the list
      const open = this.#openOf(queued);
      if (!open) {
        this.#waiting.splice(i, 1);
        i -= 1;
        // Nobody waits for the answer any more that the other half is parked for.
        const parked = queued.history.bisection && this.takeParked(queued.history.bisection);
        if (parked) this.clear(parked);
        continue;
      }
      if (open.chunks < queued.chunks) this.#waiting[i] = open;
      if (!mayRetry(open)) continue;
      const [head, tail] = cutBatch(open, maxChunks);
      if (tail.chunks === 0) this.#waiting.splice(i, 1);
      else this.#setAside(i, tail);
      return head;
    }
    return undefined;
  }

  /** The job of the first cleared chunk; undefined when there is none. */
  get clearedJob(): Job | undefined {
    return this.#cleared.find(({ job, start }) => job.isOpen(start))?.job;
  }

  /** Adds cleared chunks of jobs that are accepted to a batch, as many as fit; the length of the first, undefined when none was added. */
  fill(batch: BatchFill, accepts: Accepts): number | undefined {
    let first: number | undefined;
    for (let at = 0; ; ) {
      const span = this.#cleared[at];
      if (!span) return first;
      const { job, start, end } = span;
      if (job.isOpen(start)) {
        if (accepts?.(job) === false) {
          at += 1;
          continue;
        }
        const characters = job.charactersOf(start);
        if (!batch.fits(characters)) return first;
        batch.add(job, start, characters);
        first ??= characters;
      } else if (!job.done) this.#onLeft({ job, start, end: start + 1 });
      if (start + 1 < end && !job.done) this.#cleared[at] = { job, start: start + 1, end };
      else this.#cleared.splice(at, 1);
    }
  }

  /** What is left of a batch of which only the first part fits: of a half that is tried it goes with the other half. */
  #setAside(place: number, tail: Batch): void {
    const { bisection } = tail.history;
    const parked = bisection && this.#parked.get(bisection);
    if (!bisection || !parked) {
      this.#waiting[place] = tail;
      return;
    }
    this.#waiting.splice(place, 1);
    this.#parked.set(bisection, batchOf([...tail.spans, ...parked.spans], parked.history));
  }

  #openOf(batch: Batch): Batch | undefined {
    const open = openPart(batch);
    if (open.chunks < batch.chunks) for (const span of batch.spans) this.#leave(span);
    return open.chunks > 0 ? open : undefined;
  }

  #leave({ job, start, end }: Span): void {
    if (job.done) return;
    for (let index = start; index < end; index += 1) {
      if (!job.isOpen(index)) this.#onLeft({ job, start: index, end: index + 1 });
    }
  }
}

/** The job that waits longest among these. */
export function oldestOf(spans: Iterable<Span>): Job | undefined {
  let oldest: Job | undefined;
  for (const { job } of spans) {
    if (!job.done && (!oldest || job.acceptedAtMs < oldest.acceptedAtMs)) oldest = job;
  }
  return oldest;
}
