import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoolError } from './errors.ts';
import { jobOf, vectorsOf } from './job.test-support.ts';
import type { Job, JobAnswer } from './job.ts';
import { toNumbers } from './protocol/vector-bytes.ts';

const SEED = { seed: 20_260_106 };
const error = (name = 'failed') => new PoolError('POOL_BACKEND_FAILED', name);

/** What became of each chunk: its number, or the message of its error. */
const brief = ({ vectors, failures }: JobAnswer) => ({
  vectors: vectors.map((vector) => vector && toNumbers(vector)[0]),
  failures: failures.map(({ index, error: { message } }) => [index, message]),
});

describe('Job', () => {
  it('settles with its last chunk, with every vector in its place', async () => {
    const job = jobOf({ texts: 3, acceptedAtMs: 100 });
    job.sent(110);
    expect(job.answer(2, vectorsOf(2), 120)).toBe(1);
    expect(job.done).toBe(false);
    job.sent(125);
    expect(job.answer(0, vectorsOf(0, 1), 130)).toBe(2);
    expect(job.done).toBe(true);
    const answer = await job.settled;
    expect(brief(answer)).toEqual({ vectors: [0, 1, 2], failures: [] });
    expect(answer.timing).toEqual({ queueMs: 10, backendMs: 20, batches: 2 });
  });

  it('gives up as a whole at its first failed chunk, with what is right kept', async () => {
    const job = jobOf({ texts: 4 });
    job.answer(1, vectorsOf(1), 0);
    expect(job.fail(2, 3, error(), 0)).toBe(3);
    expect(brief(await job.settled)).toEqual({
      vectors: [undefined, 1, undefined, undefined],
      failures: [
        [0, 'failed'],
        [2, 'failed'],
        [3, 'failed'],
      ],
    });
  });

  it('goes on with the others where it is told to continue', async () => {
    const job = jobOf({ texts: 3, onChunkError: 'continue' });
    expect(job.fail(1, 2, error(), 0)).toBe(1);
    expect(job.done).toBe(false);
    job.answer(0, vectorsOf(0), 0);
    job.answer(2, vectorsOf(2), 0);
    expect(brief(await job.settled)).toEqual({ vectors: [0, undefined, 2], failures: [[1, 'failed']] });
  });

  it('tells its progress in chunks that have their vector', () => {
    const seen: [number, number][] = [];
    const job = jobOf({
      texts: 4,
      onChunkError: 'continue',
      onProgress: (answered, total) => seen.push([answered, total]),
    });
    job.fail(0, 1, error(), 0);
    job.answer(1, vectorsOf(1, 2), 0);
    job.answer(1, vectorsOf(9), 0);
    job.answer(3, vectorsOf(3), 0);
    expect(seen).toEqual([
      [2, 4],
      [3, 4],
    ]);
  });

  it('settles once where its own progress makes its caller give up', async () => {
    const settled: Job[] = [];
    const job: Job = jobOf({
      texts: 3,
      onProgress: () => job.failAll(error('enough'), 0),
      onSettled: (one) => settled.push(one),
    });
    expect(job.answer(0, vectorsOf(0), 0)).toBe(1);
    expect(settled).toEqual([job]);
    expect(brief(await job.settled).failures).toEqual([
      [1, 'enough'],
      [2, 'enough'],
    ]);
  });

  it('moves its due moment with every answer, but not beyond its deadline', () => {
    const job = jobOf({ texts: 3, acceptedAtMs: 100, idleTimeoutMs: 50, deadlineMs: 180 });
    expect(job.dueMs).toBe(150);
    job.answer(0, vectorsOf(0), 120);
    expect(job.dueMs).toBe(170);
    job.answer(1, vectorsOf(1), 160);
    expect(job.dueMs).toBe(180);
  });

  it('takes the progress of those that belong to it for its own', () => {
    const progress = { lastMs: 0 };
    const [one, other] = [0, 1].map(() =>
      jobOf({ texts: 2, acceptedAtMs: 100, idleTimeoutMs: 50, progress }),
    ) as [Job, Job];
    expect(other.dueMs).toBe(150);
    one.answer(0, vectorsOf(0), 140);
    expect(other.dueMs).toBe(190);
  });

  it('counts its bytes and lets its texts go when it is settled', () => {
    const job = jobOf({ texts: ['a', 'é', '😀'] });
    expect(job.bytes).toBe(7);
    expect([0, 1, 2].map((index) => job.bytesOf(index))).toEqual([1, 2, 4]);
    job.failAll(error(), 0);
    expect(job.text(0)).toBeUndefined();
  });

  type Step = { kind: 'answer' | 'fail' | 'fail-all'; start: number; length: number };
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.record({
      kind: fc.constantFrom(
        'answer' as const,
        'answer' as const,
        'answer' as const,
        'fail' as const,
        'fail-all' as const,
      ),
      start: fc.nat(9),
      length: fc.integer({ min: 1, max: 5 }),
    }),
    { maxLength: 30 },
  );

  it('settles each chunk exactly once, by what came first, whatever comes in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 10 }),
        fc.constantFrom('abort' as const, 'continue' as const),
        async (sequence, total, onChunkError) => {
          let settledTimes = 0;
          const job = jobOf({ texts: total, onChunkError, onSettled: () => (settledTimes += 1) });
          const expected = new Map<number, number | string>();
          let counted = 0;
          for (const [n, { kind, start, length }] of [
            ...sequence,
            { kind: 'fail-all' as const, start: 0, length: 1 },
          ].entries()) {
            const from = Math.min(start, total - 1);
            const end = Math.min(total, from + length);
            if (kind === 'answer') {
              for (let i = from; i < end; i += 1) if (!expected.has(i)) expected.set(i, 100 * n + i);
              counted += job.answer(
                from,
                vectorsOf(...Array.from({ length: end - from }, (_, i) => 100 * n + from + i)),
                n,
              );
            } else {
              const whole = kind === 'fail-all' || onChunkError === 'abort';
              const message = `step ${n}`;
              for (let i = whole ? 0 : from; i < (whole ? total : end); i += 1) {
                if (!expected.has(i)) expected.set(i, message);
              }
              counted +=
                kind === 'fail' ? job.fail(from, end, error(message), n) : job.failAll(error(message), n);
            }
            expect(job.remaining).toBe(total - counted);
            expect(job.remaining).toBe(total - expected.size);
            expect(settledTimes).toBe(job.done ? 1 : 0);
          }
          const { vectors, failures } = brief(await job.settled);
          const actual = new Map<number, number | string>();
          for (const [index, value] of vectors.entries()) if (value !== undefined) actual.set(index, value);
          for (const [index, message] of failures) actual.set(index as number, message as string);
          expect(actual).toEqual(expected);
          expect(vectors.filter((value) => value !== undefined).length + failures.length).toBe(total);
          expect(counted).toBe(total);
        },
      ),
      SEED,
    );
  });
});
