import type { PoolError } from './errors.ts';
import type { VectorBytes } from './protocol/vector-bytes.ts';

/** How soon a job's chunks are sent when others wait too. */
export type Priority = 'interactive' | 'default' | 'bulk';

/** Highest first. */
export const PRIORITIES: readonly Priority[] = ['interactive', 'default', 'bulk'];

export interface JobRequest {
  readonly priority: Priority;
  readonly tenant: string;
  /** The tenant's share against others that have work waiting; above 0. */
  readonly weight: number;
  /** Who calls, for strategies that bind a caller to a backend: its key, else its address. */
  readonly affinity: string;
  /** When the caller stops waiting, on the pool's clock; `Infinity` for never. */
  readonly deadlineMs: number;
  /** Longest time without one more answered chunk; `Infinity` for any. */
  readonly idleTimeoutMs: number;
  /** Shared by jobs that belong together, as the parts of a stream do: progress of one is progress of all. */
  readonly progress?: { lastMs: number } | undefined;
  /** `abort` gives up the whole job at its first failed chunk, `continue` embeds the others. */
  readonly onChunkError: 'abort' | 'continue';
  /** Called after each answered part with the chunks answered so far. */
  readonly onProgress?: ((answered: number, total: number) => void) | undefined;
}

/** What became of a job: for each chunk a vector or an error. */
export interface JobAnswer {
  readonly vectors: readonly (VectorBytes | undefined)[];
  /** Ascending by index; empty when all is well. */
  readonly failures: readonly { readonly index: number; readonly error: PoolError }[];
  readonly timing: JobTiming;
}

export interface JobTiming {
  /** From acceptance to the first chunk's leaving, in milliseconds. */
  readonly queueMs: number;
  /** From the first chunk's leaving to the last answer, in milliseconds. */
  readonly backendMs: number;
  /** Batches that carried at least one chunk of this job. */
  readonly batches: number;
}

/**
 * One caller's ordered list of chunks on its way through the pool.
 * Each chunk is settled exactly once, by a vector or by an error; the job settles with its last chunk.
 */
export class Job {
  readonly request: JobRequest;
  /** Chunks of the job, settled ones included. */
  readonly total: number;
  readonly acceptedAtMs: number;
  readonly settled: Promise<JobAnswer>;
  /** Chunks of this job that wait in a queue; kept by the queue. */
  queuedChunks = 0;
  queuedBytes = 0;
  /** UTF-8 bytes of its texts. */
  readonly bytes: number;
  #texts: readonly string[];
  /** Each text's UTF-8 bytes; undefined where there is one text. */
  readonly #byteLengths: Uint32Array | undefined;
  /** Each text's length where it is not that of the string. */
  readonly #lengths: Uint32Array | undefined;
  readonly #vectors: (VectorBytes | undefined)[];
  readonly #failures = new Map<number, PoolError>();
  #remaining: number;
  #lastProgressMs: number;
  #firstSentMs: number | undefined;
  #batches = 0;
  #resolve: (answer: JobAnswer) => void = () => undefined;
  #onSettled: (job: Job) => void;

  /**
   * `texts` has at least one item; the job lets go of them as soon as it is settled. `lengthOf` measures them, in characters or
   * what stands for them; without it these are counted.
   */
  constructor(
    texts: readonly string[],
    request: JobRequest,
    nowMs: number,
    onSettled: (job: Job) => void,
    lengthOf?: (text: string) => number,
  ) {
    this.request = request;
    this.total = texts.length;
    this.acceptedAtMs = nowMs;
    this.#texts = texts;
    this.#byteLengths =
      texts.length === 1 ? undefined : Uint32Array.from(texts, (text) => Buffer.byteLength(text));
    this.bytes =
      this.#byteLengths?.reduce((sum, bytes) => sum + bytes, 0) ?? Buffer.byteLength(texts[0] ?? '');
    this.#lengths = lengthOf && Uint32Array.from(texts, lengthOf);
    this.#vectors = new Array(texts.length);
    this.#remaining = texts.length;
    this.#lastProgressMs = nowMs;
    this.#onSettled = onSettled;
    this.settled = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get done(): boolean {
    return this.#remaining === 0;
  }

  get remaining(): number {
    return this.#remaining;
  }

  /** Whether any chunk was sent to a backend. */
  get started(): boolean {
    return this.#firstSentMs !== undefined;
  }

  /** When this job's time is up unless there is progress before, on the pool's clock. */
  get dueMs(): number {
    const { deadlineMs, idleTimeoutMs, progress } = this.request;
    return Math.min(deadlineMs, Math.max(this.#lastProgressMs, progress?.lastMs ?? 0) + idleTimeoutMs);
  }

  text(index: number): string {
    // A settled job has let its texts go; nothing reads them after that.
    return this.#texts[index] as string;
  }

  /** What the time of one chunk goes by: its UTF-16 units, or what stands for them. */
  charactersOf(index: number): number {
    return this.#lengths?.[index] ?? this.text(index).length;
  }

  /** UTF-8 bytes of one text. */
  bytesOf(index: number): number {
    return this.#byteLengths?.[index] ?? this.bytes;
  }

  isOpen(index: number): boolean {
    return !this.done && this.#vectors[index] === undefined && !this.#failures.has(index);
  }

  /** Notes that a batch with chunks of this job has left. */
  sent(nowMs: number): void {
    this.#firstSentMs ??= nowMs;
    this.#batches += 1;
  }

  /** Settles chunks from `start` on with vectors, but for missing ones; those already settled keep what they have. */
  answer(start: number, vectors: readonly (VectorBytes | undefined)[], nowMs: number): number {
    if (this.done) return 0;
    let answered = 0;
    for (let i = 0; i < vectors.length; i += 1) {
      if (vectors[i] === undefined || !this.isOpen(start + i)) continue;
      this.#vectors[start + i] = vectors[i];
      answered += 1;
    }
    this.#lastProgressMs = nowMs;
    if (this.request.progress) this.request.progress.lastMs = nowMs;
    this.#remaining -= answered;
    this.#settleIfDone(nowMs);
    // Last, since a caller may give up in there.
    if (answered > 0)
      this.request.onProgress?.(this.total - this.#remaining - this.#failures.size, this.total);
    return answered;
  }

  /** Settles the open chunks of `[start, end)` with an error; with `abort` all open ones. Returns how many. */
  fail(start: number, end: number, error: PoolError, nowMs: number): number {
    if (this.done) return 0;
    const whole = this.request.onChunkError === 'abort';
    const from = whole ? 0 : start;
    const to = whole ? this.total : end;
    let failed = 0;
    for (let index = from; index < to; index += 1) {
      if (!this.isOpen(index)) continue;
      this.#failures.set(index, error);
      failed += 1;
    }
    this.#remaining -= failed;
    this.#settleIfDone(nowMs);
    return failed;
  }

  /** Settles everything still open with an error, whatever `onChunkError` says. Returns how many chunks. */
  failAll(error: PoolError, nowMs: number): number {
    if (this.done) return 0;
    const failed = this.#remaining;
    for (let index = 0; index < this.total; index += 1) {
      if (this.isOpen(index)) this.#failures.set(index, error);
    }
    this.#remaining = 0;
    this.#settleIfDone(nowMs);
    return failed;
  }

  #settleIfDone(nowMs: number): void {
    if (this.#remaining > 0) return;
    const firstSentMs = this.#firstSentMs ?? nowMs;
    this.#texts = [];
    this.#onSettled(this);
    this.#resolve({
      vectors: this.#vectors,
      failures: this.#failures.size === 0 ? [] : failuresOf(this.#failures),
      timing: {
        queueMs: firstSentMs - this.acceptedAtMs,
        backendMs: nowMs - firstSentMs,
        batches: this.#batches,
      },
    });
  }
}

function failuresOf(errors: ReadonlyMap<number, PoolError>): JobAnswer['failures'] {
  return [...errors].sort(([a], [b]) => a - b).map(([index, error]) => ({ index, error }));
}
