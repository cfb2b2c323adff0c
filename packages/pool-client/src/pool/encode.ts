import { PoolError } from '../errors.ts';
import type { JobAnswer, Priority } from '../job.ts';
import { toFloat32, toNumbers, type VectorBytes } from '../protocol/vector-bytes.ts';

export interface EncodeOptions {
  /** Gives the call up; what is not embedded yet leaves the queue at once. */
  readonly signal?: AbortSignal;
  /** Longest wait for the whole call, in milliseconds. @default none */
  readonly timeoutMs?: number;
  /** @default 'default' */
  readonly priority?: Priority;
  /** Whose share of the pool this uses. @default 'default' */
  readonly tenant?: string;
  /** Needed where the pool serves several models. */
  readonly model?: string;
  /** Called after each answered part. */
  readonly onProgress?: (progress: EncodeProgress) => void;
  /** Numbers as they were sent, or in single precision at half the memory. @default 'number' */
  readonly output?: 'number' | 'float32';
}

export interface EncodeProgress {
  /** Chunks that have their vector. */
  readonly answered: number;
  readonly total: number;
}

/** Vector of the chosen output. */
export type VectorOf<Output> = Output extends 'float32' ? Float32Array : number[];

/** How the bytes of the vector of chunk `index` become what the caller asked for. */
export type VectorReader = (vector: VectorBytes, index: number) => number[] | Float32Array;

/** A reader that throws `POOL_BACKEND_FAILED` for damage that `verify: 'fast'` let through. */
export function readerOf(output: EncodeOptions['output']): VectorReader {
  const read = output === 'float32' ? toFloat32 : toNumbers;
  return (vector, index) => {
    try {
      return read(vector);
    } catch (cause) {
      const message = `The vector of chunk ${index} is damaged; verify 'full' sees that in time`;
      throw new PoolError('POOL_BACKEND_FAILED', message, { failedIndices: [index], cause });
    }
  };
}

/**
 * The vectors of a settled job.
 * @throws PoolError of the first failed chunk, with the indices of all failed ones and the vectors that are right.
 */
export function vectorsOf(answer: JobAnswer, read: VectorReader): (number[] | Float32Array)[] {
  const errors = new Map(answer.failures.map(({ index, error }) => [index, error]));
  const vectors = answer.vectors.map((vector, index) => {
    try {
      return vector && read(vector, index);
    } catch (error) {
      errors.set(index, error as PoolError); // a reader throws nothing else
      return undefined;
    }
  });
  if (errors.size === 0) return vectors as (number[] | Float32Array)[]; // without errors none is missing
  const failedIndices = [...errors.keys()].sort((a, b) => a - b);
  const first = errors.get(failedIndices[0] as number) as PoolError; // there is at least one
  const { code, message, retryAfterMs } = first;
  const others =
    failedIndices.length > 1 ? ` (and ${failedIndices.length - 1} more of ${vectors.length} chunks)` : '';
  throw new PoolError(code, message + others, {
    failedIndices,
    vectors,
    cause: first.cause ?? first,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/**
 * `start` is the place of the first of them in the caller's own list.
 * @throws PoolError `POOL_INVALID_INPUT` naming the first item that is no string.
 */
export function checkTexts(texts: readonly unknown[], start = 0): asserts texts is readonly string[] {
  if (!Array.isArray(texts)) {
    throw new PoolError('POOL_INVALID_INPUT', `texts must be a list of strings, got ${typeof texts}`);
  }
  const wrong = texts.findIndex((text) => typeof text !== 'string');
  if (wrong < 0) return;
  const index = start + wrong;
  throw new PoolError(
    'POOL_INVALID_INPUT',
    `texts[${index}] must be a string, got ${typeName(texts[wrong])}`,
    { failedIndices: [index] },
  );
}

function typeName(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
}
