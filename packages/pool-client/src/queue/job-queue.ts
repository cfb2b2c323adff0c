import { type Job, PRIORITIES, type Priority } from '../job.ts';
import { type Batch, batchOf, cutBatch, NO_HISTORY, openPart, type Span } from './batch.ts';

/** What a batch may hold. */
export interface BatchBounds {
  readonly maxChunks: number;
  /** UTF-16 units; a single longer chunk still goes, alone. */
  readonly maxCharacters: number;
}

/** Chunks of one job in the order they came. */
interface Waiting {
  readonly job: Job;
  next: number;
}

/** Jobs that are passed over for one batch where a strategy binds callers to backends; bounds the work per batch. */
const MAX_PASSED_OVER = 1_024;

/**
 * Every fourth batch is filled from the lowest priority upwards: bulk work goes on under any load of interactive work.
 */
const LOWEST_FIRST_EVERY = 4;

/**
 * The one queue of a model: chunks wait here, not in backends.
 * First come, first served inside a priority; batches that failed before leave first, as they are.
 */
export class JobQueue {
  readonly #waiting: Record<Priority, Waiting[]> = { interactive: [], default: [], bulk: [] };
  readonly #depth: Record<Priority, number> = { interactive: 0, default: 0, bulk: 0 };
  #again: Batch[] = [];
  #bytes = 0;
  #batchesMade = 0;

  /** Chunks waiting, those of failed batches included. */
  get chunks(): number {
    return this.#depth.interactive + this.#depth.default + this.#depth.bulk;
  }

  get bytes(): number {
    return this.#bytes;
  }

  depth(priority: Priority): number {
    return this.#depth[priority];
  }

  /** When the longest waiting job was accepted; undefined while nothing waits. */
  get oldestAcceptedMs(): number | undefined {
    let oldest: number | undefined;
    const see = (acceptedAtMs: number) => {
      if (oldest === undefined || acceptedAtMs < oldest) oldest = acceptedAtMs;
    };
    for (const priority of PRIORITIES) {
      const first = this.#waiting[priority].find(({ job }) => !job.done);
      if (first) see(first.job.acceptedAtMs);
    }
    for (const batch of this.#again) for (const { job } of batch.spans) if (!job.done) see(job.acceptedAtMs);
    return oldest;
  }

  /** The next moment after `nowMs` at which a batch that has to wait may be sent again; undefined when none waits. */
  nextRetryMs(nowMs: number): number | undefined {
    const moments = this.#again.map(({ history }) => history.notBeforeMs).filter((moment) => moment > nowMs);
    return moments.length > 0 ? Math.min(...moments) : undefined;
  }

  /** Appends all chunks of a job. */
  push(job: Job): void {
    this.#waiting[job.request.priority].push({ job, next: 0 });
    this.#count(job, 0, job.total, 1);
  }

  /** Puts chunks back that were taken before; they stay together and leave before others. */
  putBack(batch: Batch): void {
    const open = openPart(batch);
    if (open.chunks === 0) return;
    this.#again.push(open);
    for (const { job, start, end } of open.spans) this.#count(job, start, end, 1);
  }

  /** Takes the queued chunks of a job that was settled out of all counts; to be called once, when it settles. */
  forget(job: Job): void {
    this.#depth[job.request.priority] -= job.queuedChunks;
    this.#bytes -= job.queuedBytes;
    job.queuedChunks = 0;
    job.queuedBytes = 0;
    // Settled jobs at the front go now, others when a batch comes upon them.
    const waiting = this.#waiting[job.request.priority];
    let settledInFront = 0;
    while (waiting[settledInFront]?.job.done) settledInFront += 1;
    if (settledInFront > 0) waiting.splice(0, settledInFront);
  }

  /**
   * Takes the next batch for one backend: a failed batch that may go there, else fresh chunks for which `accepts` holds.
   * Undefined when nothing here is for it.
   */
  take(
    bounds: BatchBounds,
    mayRetry: (batch: Batch) => boolean,
    accepts?: (job: Job) => boolean,
  ): Batch | undefined {
    const batch = this.#takeAgain(bounds, mayRetry) ?? this.#takeFresh(bounds, accepts);
    if (batch) for (const { job, start, end } of batch.spans) this.#count(job, start, end, -1);
    return batch;
  }

  #takeAgain(bounds: BatchBounds, mayRetry: (batch: Batch) => boolean): Batch | undefined {
    for (let i = 0; i < this.#again.length; i += 1) {
      const queued = this.#again[i] as Batch; // i is inside the list
      const open = openPart(queued);
      if (open.chunks > 0 && !mayRetry(open)) continue;
      if (open.chunks === 0) {
        this.#again.splice(i, 1);
        i -= 1;
        continue;
      }
      const [head, tail] = cutBatch(open, bounds.maxChunks);
      if (tail.chunks > 0) this.#again[i] = tail;
      else this.#again.splice(i, 1);
      return head;
    }
    return undefined;
  }

  #takeFresh(bounds: BatchBounds, accepts?: (job: Job) => boolean): Batch | undefined {
    const isLowestsTurn = (this.#batchesMade + 1) % LOWEST_FIRST_EVERY === 0;
    const order = isLowestsTurn ? PRIORITIES.toReversed() : PRIORITIES;
    const spans: Span[] = [];
    let room = { chunks: bounds.maxChunks, characters: bounds.maxCharacters };
    for (const priority of order) {
      if (room.chunks <= 0 || room.characters <= 0) break;
      room = this.#fill(spans, this.#waiting[priority], room, accepts);
    }
    if (spans.length === 0) return undefined;
    this.#batchesMade += 1;
    return batchOf(spans, NO_HISTORY);
  }

  #fill(
    spans: Span[],
    waiting: Waiting[],
    room: { chunks: number; characters: number },
    accepts?: (job: Job) => boolean,
  ): { chunks: number; characters: number } {
    let { chunks, characters } = room;
    const kept: Waiting[] = [];
    let passedOver = 0;
    let looked = 0;
    for (; looked < waiting.length && chunks > 0 && characters > 0; looked += 1) {
      if (passedOver >= MAX_PASSED_OVER) break;
      const entry = waiting[looked] as Waiting; // looked is inside the list
      const { job, next: start } = entry;
      if (job.done) continue;
      if (accepts && !accepts(job)) {
        kept.push(entry);
        passedOver += 1;
        continue;
      }
      while (entry.next < job.total && chunks > 0) {
        const length = job.text(entry.next).length;
        const isFirst = spans.length === 0 && entry.next === start;
        if (length > characters && !isFirst) {
          characters = 0;
          break;
        }
        entry.next += 1;
        chunks -= 1;
        characters -= length;
      }
      if (entry.next > start) spans.push({ job, start, end: entry.next });
      if (entry.next < job.total) kept.push(entry);
    }
    waiting.splice(0, looked, ...kept);
    return { chunks, characters };
  }

  #count(job: Job, start: number, end: number, sign: 1 | -1): void {
    let bytes = 0;
    for (let index = start; index < end; index += 1) bytes += Buffer.byteLength(job.text(index));
    const chunks = end - start;
    this.#depth[job.request.priority] += sign * chunks;
    this.#bytes += sign * bytes;
    job.queuedChunks += sign * chunks;
    job.queuedBytes += sign * bytes;
  }
}
