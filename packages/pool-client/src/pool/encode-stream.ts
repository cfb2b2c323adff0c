import { PoolError } from '../errors.ts';
import type { JobAnswer } from '../job.ts';
import type { VectorBytes } from '../protocol/vector-bytes.ts';
import { checkTexts, type EncodeOptions, readerOf, type VectorReader } from './encode.ts';

export interface EncodeStreamOptions extends Omit<EncodeOptions, 'onProgress' | 'timeoutMs'> {
  /** A failed chunk ends the stream with its error, or is an item of its own. @default 'throw' */
  readonly onError?: 'throw' | 'yield';
  /** Chunks read ahead of the consumer: bounds the memory. @default 4,096 */
  readonly windowChunks?: number;
}

export type StreamItem<V> =
  | { readonly index: number; readonly vector: V }
  | { readonly index: number; readonly error: PoolError };

/** Sends one part of the stream. */
export type SubmitPart = (texts: readonly string[], signal: AbortSignal) => Promise<JobAnswer>;

/** Chunks that travel as one job; small enough to be answered soon, large enough to cost little. */
const PART_CHUNKS = 64;
const WINDOW_CHUNKS = 4_096;

interface Part {
  readonly start: number;
  readonly size: number;
  readonly answer: Promise<JobAnswer>;
}

/**
 * Embeds a stream in order. It reads ahead until `windowChunks` are unread by the consumer and then waits for it.
 * A source that pauses holds nothing up: what was read leaves in the same turn of the event loop.
 */
export async function* encodeStream(
  texts: Iterable<string> | AsyncIterable<string>,
  options: EncodeStreamOptions,
  submit: SubmitPart,
): AsyncGenerator<StreamItem<number[] | Float32Array>, void, undefined> {
  const read = readerOf(options.output);
  const onError = options.onError ?? 'throw';
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const reader = new ReadAhead(texts, options.windowChunks ?? WINDOW_CHUNKS, (part) => submit(part, signal));
  // A source may be silent for ever: its caller's signal ends the wait for it.
  const onAbort = () =>
    reader.stop(new PoolError('POOL_ABORTED', 'The caller gave up', { cause: options.signal?.reason }));
  if (options.signal?.aborted) onAbort();
  else options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    void reader.run();
    for (let part = await reader.next(); part; part = await reader.next()) {
      const answer = await part.answer;
      const errors = new Map(answer.failures.map(({ index, error }) => [index, error]));
      for (let i = 0; i < part.size; i += 1) {
        const item = itemOf(part.start + i, answer.vectors[i], errors.get(i), read);
        if ('error' in item && onError === 'throw') throw item.error;
        yield item;
      }
      reader.consumed(part.size);
    }
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    stop.abort();
    reader.stop();
  }
}

function itemOf(
  index: number,
  vector: VectorBytes | undefined,
  failure: PoolError | undefined,
  read: VectorReader,
): StreamItem<number[] | Float32Array> {
  if (failure) return { index, error: at(failure, index) };
  try {
    return { index, vector: read(vector as VectorBytes, index) }; // no error, so there is a vector
  } catch (error) {
    return { index, error: error as PoolError }; // a reader throws nothing else
  }
}

function at(error: PoolError, index: number): PoolError {
  return new PoolError(error.code, error.message, { failedIndices: [index], cause: error });
}

/** Reads the source into parts, at most a window ahead of the consumer. */
class ReadAhead {
  readonly #source: Iterable<string> | AsyncIterable<string>;
  readonly #windowChunks: number;
  readonly #submit: (texts: readonly string[]) => Promise<JobAnswer>;
  readonly #parts: Part[] = [];
  #current: string[] = [];
  #start = 0;
  #ahead = 0;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #flushing = false;
  #onPart: () => void = () => undefined;
  #onRoom: () => void = () => undefined;

  constructor(
    source: Iterable<string> | AsyncIterable<string>,
    windowChunks: number,
    submit: (texts: readonly string[]) => Promise<JobAnswer>,
  ) {
    if (!(windowChunks >= 1)) {
      throw new PoolError('POOL_INVALID_OPTIONS', `windowChunks must be at least 1, got ${windowChunks}`);
    }
    this.#source = source;
    this.#windowChunks = windowChunks;
    this.#submit = submit;
  }

  async run(): Promise<void> {
    if (this.#ended) return;
    try {
      for await (const text of this.#source) {
        if (this.#ended) return;
        checkTexts([text], this.#start + this.#current.length);
        this.#current.push(text);
        this.#ahead += 1;
        if (this.#current.length >= PART_CHUNKS) this.#flush();
        else this.#flushSoon();
        while (this.#ahead >= this.#windowChunks && !this.#ended) {
          this.#flush();
          await new Promise<void>((resolve) => {
            this.#onRoom = resolve;
          });
        }
        if (this.#ended) return;
      }
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#flush();
    this.#ended = true;
    this.#onPart();
  }

  /** The next part in order; undefined after the last. @throws what the source threw, after the parts before it. */
  async next(): Promise<Part | undefined> {
    while (this.#parts.length === 0) {
      if (this.#ended) {
        if (this.#failure) throw this.#failure.error;
        return undefined;
      }
      await new Promise<void>((resolve) => {
        this.#onPart = resolve;
      });
    }
    return this.#parts.shift();
  }

  consumed(chunks: number): void {
    this.#ahead -= chunks;
    this.#onRoom();
  }

  /** Reads no further and sends nothing more; `error` is what `next` throws after the parts that were sent. */
  stop(error?: PoolError): void {
    this.#ended = true;
    this.#current = [];
    if (error) this.#failure ??= { error };
    this.#onRoom();
    this.#onPart();
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#current.length === 0) return;
    const texts = this.#current;
    this.#current = [];
    const answer = this.#submit(texts);
    // It is awaited in its turn; until then a refusal is not unhandled.
    answer.catch(() => undefined);
    this.#parts.push({ start: this.#start, size: texts.length, answer });
    this.#start += texts.length;
    this.#onPart();
  }
}
