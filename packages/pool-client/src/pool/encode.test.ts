import { describe, expect, it } from 'vitest';
import { PoolError } from '../errors.ts';
import { vectorsOf as bytesOf } from '../job.test-support.ts';
import type { JobAnswer } from '../job.ts';
import { checkTexts, readerOf, vectorsOf } from './encode.ts';

const timing = { queueMs: 0, backendMs: 0, batches: 1 };
const read = readerOf('number');

/** What is thrown, as it is. */
function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe('vectorsOf', () => {
  it('reads all vectors in order', () => {
    const answer: JobAnswer = { vectors: bytesOf(1, 2), failures: [], timing };
    expect(vectorsOf(answer, read)).toEqual([[1], [2]]);
    expect(vectorsOf(answer, readerOf('float32'))).toEqual([Float32Array.of(1), Float32Array.of(2)]);
  });

  it('throws the first error with all indices and the vectors that are right', () => {
    const refused = new PoolError('POOL_INPUT_REFUSED', 'Chunk 1 was refused', { retryAfterMs: 5 });
    const failed = new PoolError('POOL_BACKEND_FAILED', 'Chunk 3 failed');
    const [zero, two] = bytesOf(0, 2);
    const error = thrownBy(() =>
      vectorsOf(
        {
          vectors: [zero, undefined, two, undefined],
          failures: [
            { index: 1, error: refused },
            { index: 3, error: failed },
          ],
          timing,
        },
        read,
      ),
    );
    expect(error).toBeInstanceOf(PoolError);
    expect({ ...(error as PoolError), message: (error as PoolError).message }).toEqual({
      name: 'PoolError',
      code: 'POOL_INPUT_REFUSED',
      message: 'Chunk 1 was refused (and 1 more of 4 chunks)',
      failedIndices: [1, 3],
      vectors: [[0], undefined, [2], undefined],
      retryAfterMs: 5,
    });
    expect((error as PoolError).cause).toBe(refused);
  });
});

describe('readerOf', () => {
  it.each(['number', 'float32'] as const)('says whose vector is damaged (%s)', (output) => {
    const source = Buffer.from('[0.1,0#2]');
    const damaged = { source, start: 0, end: source.length };
    const answer: JobAnswer = { vectors: [...bytesOf(0), damaged], failures: [], timing };
    expect(thrownBy(() => vectorsOf(answer, readerOf(output)))).toMatchObject({
      code: 'POOL_BACKEND_FAILED',
      message: "The vector of chunk 1 is damaged; verify 'full' sees that in time",
      failedIndices: [1],
      vectors: [output === 'number' ? [0] : Float32Array.of(0), undefined],
    });
  });
});

describe('checkTexts', () => {
  it.each([[[]], [['a', '', '  ']]])('takes %j', (texts) => {
    expect(thrownBy(() => checkTexts(texts))).toBeUndefined();
  });

  it.each<[string, unknown, string, number[]]>([
    ['a lone string', 'text', 'texts must be a list of strings, got string', []],
    ['nothing', undefined, 'texts must be a list of strings, got undefined', []],
    ['a number inside', ['a', 7, null], 'texts[1] must be a string, got number', [1]],
    ['null inside', ['a', null], 'texts[1] must be a string, got null', [1]],
    ['a list inside', [['a']], 'texts[0] must be a string, got a list', [0]],
    ['a hole inside', Array.of('a').concat(new Array(1)), 'texts[1] must be a string, got undefined', [1]],
  ])('refuses %s', (_fact, texts, message, failedIndices) => {
    expect(thrownBy(() => checkTexts(texts as unknown[]))).toMatchObject({
      code: 'POOL_INVALID_INPUT',
      message,
      failedIndices,
    });
  });
});
