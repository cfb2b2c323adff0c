import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoolError } from '../errors.ts';
import { jobOf, vectorsOf } from '../job.test-support.ts';
import type { Job } from '../job.ts';
import {
  type Batch,
  type BatchHistory,
  batchOf,
  chunksByJob,
  cutBatch,
  NO_HISTORY,
  openPart,
  textsOf,
} from './batch.ts';

const SEED = { seed: 20_260_104 };
const HISTORY: BatchHistory = { attempts: 2, triedBackendIds: ['a'], refusals: 1, notBeforeMs: 7 };

/** A batch of spans that lie somewhere in their jobs. */
const batches = fc
  .array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 9 }), fc.nat(3)), { minLength: 1, maxLength: 6 })
  .map((spans) =>
    batchOf(
      spans.map(([before, length, after], i) => ({
        job: jobOf({ texts: Array.from({ length: before + length + after }, (_, n) => `${i}/${n}`) }),
        start: before,
        end: before + length,
      })),
      HISTORY,
    ),
  );

/** Every chunk by job and index, in order. */
const chunksOf = (...parts: readonly Batch[]) =>
  parts.flatMap(({ spans }) =>
    spans.flatMap(({ job, start, end }) =>
      Array.from({ length: end - start }, (_, i) => [job, start + i] as const),
    ),
  );

describe('cutBatch', () => {
  it('keeps every chunk once, in order and with its history, whatever the sizes', () => {
    fc.assert(
      fc.property(batches, fc.nat(60), (batch, size) => {
        const [head, tail] = cutBatch(batch, size);
        expect(chunksOf(head, tail)).toEqual(chunksOf(batch));
        expect([...textsOf(head), ...textsOf(tail)]).toEqual(textsOf(batch));
        expect(head.chunks).toBe(Math.min(size, batch.chunks));
        expect(tail.chunks).toBe(batch.chunks - head.chunks);
        expect([head.history, tail.history]).toEqual([HISTORY, HISTORY]);
        expect([...head.spans, ...tail.spans].every(({ start, end }) => end > start)).toBe(true);
      }),
      SEED,
    );
  });

  it('cut again and again until single chunks are left loses none', () => {
    const halves = (batch: Batch): Batch[] =>
      batch.chunks === 1 ? [batch] : cutBatch(batch, Math.ceil(batch.chunks / 2)).flatMap(halves);
    fc.assert(
      fc.property(batches, (batch) => {
        const singles = halves(batch);
        expect(singles.every(({ chunks }) => chunks === 1)).toBe(true);
        expect(chunksOf(...singles)).toEqual(chunksOf(batch));
      }),
      SEED,
    );
  });
});

describe('chunksByJob', () => {
  it('counts each job once, in however many runs its chunks lie', () => {
    const [a, b] = [jobOf({ texts: 9 }), jobOf({ texts: 9 })];
    const spans = [
      { job: a, start: 0, end: 2 },
      { job: b, start: 0, end: 1 },
      { job: a, start: 5, end: 6 },
    ];
    expect([...chunksByJob(batchOf(spans, NO_HISTORY))]).toEqual([
      [a, 3],
      [b, 1],
    ]);
  });
});

describe('openPart', () => {
  it('is the whole batch while nothing is settled', () => {
    const batch = batchOf([{ job: jobOf({ texts: 5 }), start: 1, end: 4 }], HISTORY);
    expect(openPart(batch)).toEqual(batch);
  });

  it('is empty when the jobs are settled', () => {
    const job = jobOf({ texts: 3 });
    const batch = batchOf([{ job, start: 0, end: 3 }], NO_HISTORY);
    job.failAll(new PoolError('POOL_ABORTED', 'gone'), 0);
    expect(openPart(batch)).toEqual(batchOf([], NO_HISTORY));
  });

  it('holds the open chunks and no other, whichever were settled', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), (settled) => {
        const job: Job = jobOf({ texts: settled.length, onChunkError: 'continue' });
        settled.forEach((isSettled, index) => {
          if (isSettled) job.answer(index, vectorsOf(index), 0);
        });
        const open = openPart(batchOf([{ job, start: 0, end: settled.length }], HISTORY));
        expect(chunksOf(open).map(([, index]) => index)).toEqual(
          settled.flatMap((isSettled, index) => (isSettled ? [] : [index])),
        );
        expect(open.chunks).toBe(settled.filter((isSettled) => !isSettled).length);
        expect(open.history).toEqual(HISTORY);
      }),
      SEED,
    );
  });
});
