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

/** How the bytes of a vector become what the caller asked for. */
export function readerOf(output: EncodeOptions['output']): (vector: VectorBytes) => number[] | Float32Array {
  return output === 'float32' ? toFloat32 : toNumbers;
}

/**
 * The vectors of a settled job.
 * @throws PoolError of the first failed chunk, with the indices of all failed ones and the vectors that are right.
 */
export function vectorsOf(
  answer: JobAnswer,
  read: (vector: VectorBytes) => number[] | Float32Array,
): (number[] | Float32Array)[] {
  const first = answer.failures[0];
  if (!first) return answer.vectors.map((vector) => read(vector as VectorBytes)); // without failures none is missing
  const { code, message, retryAfterMs } = first.error;
  const failedIndices = answer.failures.map(({ index }) => index);
  const vectors = answer.vectors.map((vector) => vector && read(vector));
  const others =
    failedIndices.length > 1 ? ` (and ${failedIndices.length - 1} more of ${vectors.length} chunks)` : '';
  throw new PoolError(code, message + others, {
    failedIndices,
    vectors,
    cause: first.error.cause ?? first.error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** @throws PoolError `POOL_INVALID_INPUT` naming the first item that is no string. */
export function checkTexts(texts: readonly unknown[]): asserts texts is readonly string[] {
  if (!Array.isArray(texts)) {
    throw new PoolError('POOL_INVALID_INPUT', `texts must be a list of strings, got ${typeof texts}`);
  }
  const index = texts.findIndex((text) => typeof text !== 'string');
  if (index >= 0) {
    throw new PoolError(
      'POOL_INVALID_INPUT',
      `texts[${index}] must be a string, got ${typeName(texts[index])}`,
      {
        failedIndices: [index],
      },
    );
  }
}

function typeName(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
}
