import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoolError } from '../errors.ts';
import { type GivenJob, jobOf, vectorsOf } from '../job.test-support.ts';
import { type Job, PRIORITIES, type Priority } from '../job.ts';
import { type Batch, cutBatch, NO_HISTORY, textsOf } from './batch.ts';
import type { BatchBounds } from './batch-fill.ts';
import { JobQueue } from './job-queue.ts';
import { lengthBucket } from './length-bucket.ts';

const SEED = { seed: 20_260_105 };
const GONE = new PoolError('POOL_ABORTED', 'gone');
const always = () => true;

/** A queue with jobs that leave it when they settle, as the pool does it. */
function queueWith(...given: readonly GivenJob[]): { queue: JobQueue; jobs: Job[] } {
  const queue = new JobQueue();
  const jobs = given.map((one) => jobOf({ ...one, onSettled: (job) => queue.forget(job) }));
  for (const job of jobs) queue.push(job);
  return { queue, jobs };
}

/** A backend to which lengths make no difference. */
const FLAT = { baseMs: 2, perChunkMs: 1, perKilocharacterMs: 0 };
const BOUNDS: BatchBounds = {
  maxChunks: 100,
  maxCharacters: 100_000,
  maxMs: 1_000,
  curve: FLAT,
  charge: FLAT,
};

const take = (queue: JobQueue, bounds: Partial<BatchBounds> = {}) =>
  queue.take({ ...BOUNDS, ...bounds }, always);

const texts = (batch: Batch | undefined) => batch && textsOf(batch);

const named = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}${i}`);

const counts = (queue: JobQueue) => ({
  chunks: queue.chunks,
  bytes: queue.bytes,
  depth: PRIORITIES.map((priority) => queue.depth(priority)),
});

describe('JobQueue', () => {
  it('hands chunks out in the order they came', () => {
    const { queue } = queueWith({ texts: named('a', 3) }, { texts: named('b', 2) });
    expect(texts(take(queue, { maxChunks: 4 }))).toEqual(['a0', 'a1', 'a2', 'b0']);
    expect(texts(take(queue))).toEqual(['b1']);
    expect(take(queue)).toBeUndefined();
  });

  it('hands higher priorities out first, and fills a batch up with lower ones', () => {
    const { queue } = queueWith(
      { texts: ['bulk'], priority: 'bulk' },
      { texts: ['default'] },
      { texts: ['interactive'], priority: 'interactive' },
    );
    expect(texts(take(queue))).toEqual(['interactive', 'default', 'bulk']);
  });

  it('keeps a least share for lower priorities however much waits above them', () => {
    const { queue } = queueWith(
      { texts: named('i', 1_000), priority: 'interactive' },
      { texts: named('d', 1_000) },
      { texts: named('b', 1_000), priority: 'bulk' },
    );
    const kinds = Array.from({ length: 1_000 }, () => texts(take(queue, { maxChunks: 1 }))?.[0]?.[0]);
    expect(Map.groupBy(kinds, (kind) => kind).get('d')?.length).toBeCloseTo(200, -1);
    expect(Map.groupBy(kinds, (kind) => kind).get('b')?.length).toBeCloseTo(100, -1);
  });

  it('ends a batch before the text that is over its characters', () => {
    const { queue } = queueWith({ texts: ['four', 'five5', 'x'] }, { texts: ['y'] });
    expect(texts(take(queue, { maxCharacters: 8 }))).toEqual(['four']);
    expect(texts(take(queue, { maxCharacters: 8 }))).toEqual(['five5', 'x', 'y']);
  });

  it('sends a text alone that is longer than any batch may be', () => {
    const { queue } = queueWith({ texts: ['a', 'x'.repeat(50), '', 'b'] });
    const sent = Array.from({ length: 3 }, () => texts(take(queue, { maxCharacters: 10 })));
    expect(sent).toEqual([['a', '', 'b'], ['x'.repeat(50)], undefined]);
  });

  it('sends what failed before first, as it was', () => {
    const { queue } = queueWith({ texts: named('a', 2) }, { texts: named('b', 2) });
    const failed = take(queue, { maxChunks: 3 }) as Batch; // there are four
    queue.putBack(failed);
    expect(texts(take(queue))).toEqual(['a0', 'a1', 'b0']);
    expect(texts(take(queue))).toEqual(['b1']);
  });

  it('cuts what failed before to what a smaller backend takes', () => {
    const { queue } = queueWith({ texts: named('a', 5) });
    queue.putBack(take(queue) as Batch);
    expect(texts(take(queue, { maxChunks: 3 }))).toEqual(['a0', 'a1', 'a2']);
    expect(texts(take(queue, { maxChunks: 3 }))).toEqual(['a3', 'a4']);
  });

  it('goes on with fresh chunks where what failed before may not go', () => {
    const { queue } = queueWith({ texts: named('a', 1) }, { texts: named('b', 1) });
    queue.putBack(take(queue, { maxChunks: 1 }) as Batch);
    const bounds = { ...BOUNDS, maxChunks: 9, maxCharacters: 99 };
    expect(texts(queue.take(bounds, () => false))).toEqual(['b0']);
    expect(queue.take(bounds, () => false)).toBeUndefined();
    expect(texts(queue.take(bounds, always))).toEqual(['a0']);
  });

  it('passes over the jobs that are not for this backend and keeps their order', () => {
    const { queue } = queueWith(
      { texts: ['a'], affinity: 'x' },
      { texts: ['b'], affinity: 'y' },
      { texts: ['c'], affinity: 'x' },
    );
    const bounds = { ...BOUNDS, maxChunks: 9, maxCharacters: 99 };
    expect(texts(queue.take(bounds, always, ({ request }) => request.affinity === 'y'))).toEqual(['b']);
    expect(texts(queue.take(bounds, always))).toEqual(['a', 'c']);
  });

  it('takes the chunks of a caller that leaves out at once', () => {
    const { queue, jobs } = queueWith({ texts: ['aé'] }, { texts: ['b'] });
    expect(counts(queue)).toEqual({ chunks: 2, bytes: 4, depth: [0, 2, 0] });
    jobs[0]?.failAll(GONE, 0);
    expect(counts(queue)).toEqual({ chunks: 1, bytes: 1, depth: [0, 1, 0] });
    expect(texts(take(queue))).toEqual(['b']);
  });

  it('comes to the one who stayed at once, however many before it left', () => {
    const { queue, jobs } = queueWith(
      { texts: named('first', 2) },
      ...Array.from({ length: 5_000 }, () => ({})),
      { texts: ['stayed'] },
    );
    for (const job of jobs.slice(1, -1)) job.failAll(GONE, 0);
    expect(texts(take(queue, { maxChunks: 2 }))).toEqual(['first0', 'first1']);
    expect(texts(take(queue))).toEqual(['stayed']);
  });

  it('says when the longest waiting job came, put back or fresh', () => {
    const { queue, jobs } = queueWith({ acceptedAtMs: 5 }, { acceptedAtMs: 9, priority: 'interactive' });
    expect(queue.oldestAcceptedMs).toBe(5);
    expect(texts(take(queue, { maxChunks: 1 }))).toEqual(['0']);
    expect(queue.oldestAcceptedMs).toBe(5);
    const second = take(queue) as Batch;
    expect(queue.oldestAcceptedMs).toBeUndefined();
    queue.putBack(second);
    expect(queue.oldestAcceptedMs).toBe(5);
    jobs[0]?.failAll(GONE, 10);
    expect(queue.oldestAcceptedMs).toBeUndefined();
  });

  it('counts the work that waits, also when jobs of failed batches were settled meanwhile', () => {
    const { queue, jobs } = queueWith({ texts: 3 }, { texts: 2 });
    expect(queue.workMs(FLAT)).toBe(5);
    queue.putBack(take(queue, { maxChunks: 4 }) as Batch);
    expect(queue.workMs(FLAT)).toBe(5);
    jobs[0]?.failAll(GONE, 0);
    expect(queue.workMs(FLAT)).toBe(2);
    jobs[1]?.failAll(GONE, 0);
    expect(queue.workMs(FLAT)).toBe(0);
  });

  it('says when the next one may be sent again', () => {
    const { queue } = queueWith({ texts: 3 });
    const [head, tail] = cutBatch(take(queue) as Batch, 1);
    expect(queue.nextRetryMs(0)).toBeUndefined();
    queue.putBack({ ...head, history: { ...NO_HISTORY, notBeforeMs: 30 } });
    queue.putBack({ ...tail, history: { ...NO_HISTORY, notBeforeMs: 20 } });
    expect([queue.nextRetryMs(10), queue.nextRetryMs(20), queue.nextRetryMs(30)]).toEqual([
      20,
      30,
      undefined,
    ]);
  });

  describe('among tenants', () => {
    /** Chunks of each tenant in the first `count` batches of `maxChunks`. */
    const served = (queue: JobQueue, count: number, maxChunks: number) => {
      const chunks: Record<string, number> = {};
      for (let i = 0; i < count; i += 1) {
        for (const { job, start, end } of take(queue, { maxChunks })?.spans ?? []) {
          chunks[job.request.tenant] = (chunks[job.request.tenant] ?? 0) + end - start;
        }
      }
      return chunks;
    };

    it('gives each the same, however much more one has waiting', () => {
      const { queue } = queueWith(...Array.from({ length: 50 }, () => ({ texts: 40, tenant: 'elephant' })), {
        texts: 40,
        tenant: 'mouse',
      });
      expect(served(queue, 10, 8)).toEqual({ elephant: 40, mouse: 40 });
    });

    it('gives each by its weight', () => {
      const { queue } = queueWith(
        { texts: 1_000, tenant: 'a', weight: 3 },
        { texts: 1_000, tenant: 'b', weight: 1 },
      );
      expect(served(queue, 50, 8)).toEqual({ a: 300, b: 100 });
    });

    it('gives those that were away no more than the batch before', () => {
      const { queue } = queueWith({ texts: 500, tenant: 'a' });
      served(queue, 10, 40);
      queue.push(jobOf({ texts: 500, tenant: 'b' }));
      expect(served(queue, 10, 8)).toEqual({ a: 20, b: 60 });
      expect(served(queue, 10, 8)).toEqual({ a: 40, b: 40 });
    });

    it('charges the time that chunks take, so that long texts are fewer', () => {
      const byLength = { baseMs: 1, perChunkMs: 0, perKilocharacterMs: 10 };
      const { queue } = queueWith(
        { texts: Array.from({ length: 400 }, () => 'x'.repeat(300)), tenant: 'long' },
        { texts: Array.from({ length: 400 }, () => 'x'.repeat(100)), tenant: 'short' },
      );
      const counts = { long: 0, short: 0 };
      for (let i = 0; i < 40; i += 1) {
        const batch = take(queue, { maxChunks: 8, curve: byLength, charge: byLength });
        for (const { job, start, end } of batch?.spans ?? []) {
          counts[job.request.tenant as 'long' | 'short'] += end - start; // there are two
        }
      }
      expect(counts.short / counts.long).toBeCloseTo(3, 0);
    });

    it('never makes a batch of nothing, however many of them are bound to other backends', () => {
      const { queue } = queueWith(
        ...Array.from({ length: 1_100 }, (_, i) => ({
          tenant: String(i),
          affinity: i === 1_099 ? 'mine' : 'other',
        })),
      );
      const batch = queue.take(BOUNDS, always, ({ request }) => request.affinity === 'mine');
      expect(batch?.chunks).not.toBe(0);
      expect(take(queue, { maxChunks: 2_000 })?.chunks).toBeGreaterThan(100);
    });

    it('charges what is sent once more', () => {
      const { queue } = queueWith({ texts: 100, tenant: 'poisoned' });
      let failed = take(queue, { maxChunks: 4 }) as Batch;
      for (let i = 0; i < 5; i += 1) {
        queue.putBack(failed);
        failed = take(queue) as Batch;
      }
      // It was served 24 ms, 20 of them for what failed.
      queue.push(jobOf({ texts: 100, tenant: 'well' }));
      expect(served(queue, 2, 10)).toEqual({ well: 20 });
    });

    it('differs by no more than a batch from what their weights give, whatever they send', () => {
      const tenants = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 5 }) }), {
        minLength: 2,
        maxLength: 6,
      });
      fc.assert(
        fc.property(tenants, fc.integer({ min: 1, max: 30 }), (given, maxChunks) => {
          const { queue } = queueWith(
            ...given.map(({ weight }, i) => ({ texts: 2_000, tenant: String(i), weight })),
          );
          const chunks = served(queue, 20, maxChunks);
          const perWeight = given.map(({ weight }, i) => (chunks[String(i)] ?? 0) / weight);
          expect(Math.max(...perWeight) - Math.min(...perWeight)).toBeLessThanOrEqual(1);
        }),
        SEED,
      );
    });
  });

  describe('of chunks of unlike length', () => {
    const LENGTHS = { baseMs: 1, perChunkMs: 1, perKilocharacterMs: 10 };
    const long = 'x'.repeat(2_000);
    const lengths = (batch: Batch | undefined) => batch && textsOf(batch).map(({ length }) => length);

    it('sends like with like, the oldest first', () => {
      const { queue } = queueWith({ texts: ['a', long, 'b', long, 'c', long] });
      const bounds = { curve: LENGTHS };
      expect(lengths(take(queue, bounds))).toEqual([1, 1, 1]);
      expect(lengths(take(queue, bounds))).toEqual([2_000, 2_000, 2_000]);
    });

    it('sends them together where length costs nothing, in the order they came', () => {
      const { queue } = queueWith({ texts: ['a', long, 'b'] }, { texts: [long, 'c'] });
      const batch = take(queue);
      expect(lengths(batch)).toEqual([1, 2_000, 1, 2_000, 1]);
      expect(batch?.spans.length).toBe(2);
    });

    it('sends a few along that would need a batch of their own for more', () => {
      const { queue } = queueWith({ texts: ['a', 'b', 'x'.repeat(400)] });
      const slowToBegin = { baseMs: 20, perChunkMs: 1, perKilocharacterMs: 10 };
      expect(lengths(take(queue, { curve: slowToBegin }))).toEqual([1, 1, 400]);
    });

    it('goes by the lengths that it is told', () => {
      const queue = new JobQueue();
      // What is counted in tokens may be the other way round.
      const lengthOf = (text: string) => (text === 'dense' ? 4_000 : 10);
      queue.push(jobOf({ texts: ['dense', 'a', 'dense', long], lengthOf }));
      expect(textsOf(take(queue, { curve: LENGTHS }) as Batch)).toEqual(['dense', 'dense']);
      expect(textsOf(take(queue, { curve: LENGTHS }) as Batch)).toEqual(['a', long]);
    });

    it('ends a batch that would take longer than it may', () => {
      const { queue } = queueWith({ texts: Array.from({ length: 50 }, () => long) });
      // 1 + 21·n ms
      expect(take(queue, { curve: LENGTHS, maxMs: 150 })?.chunks).toBe(7);
      expect(take(queue, { curve: LENGTHS, maxMs: 10 })?.chunks).toBe(4);
    });

    it('sends each chunk at most one batch per bucket of lengths after its turn', () => {
      const texts = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 300 });
      fc.assert(
        fc.property(texts, fc.integer({ min: 1, max: 20 }), (sizes, maxChunks) => {
          const { queue } = queueWith(
            ...sizes.map((size, turn) => ({ texts: ['x'.repeat(size)], acceptedAtMs: turn })),
          );
          const bounds = { curve: LENGTHS, maxChunks, maxMs: 1e9, maxCharacters: 1e9 };
          const buckets = new Set(sizes.map(lengthBucket)).size;
          let left = 0;
          for (let number = 0; queue.chunks > 0; number += 1) {
            for (const { job } of take(queue, bounds)?.spans ?? []) {
              expect(number).toBeLessThanOrEqual(Math.floor(job.acceptedAtMs / maxChunks) + buckets);
              left += 1;
            }
          }
          expect(left).toBe(sizes.length);
        }),
        SEED,
      );
    });
  });

  type Step =
    | { kind: 'push'; size: number; priority: Priority; length: number }
    | { kind: 'take'; maxChunks: number; maxCharacters: number; refuses: boolean }
    | { kind: 'put-back'; which: number; cut: number }
    | { kind: 'answer'; which: number }
    | { kind: 'leave'; which: number };

  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('push' as const),
        size: fc.integer({ min: 1, max: 12 }),
        priority: fc.constantFrom(...PRIORITIES),
        length: fc.nat(90),
      }),
      fc.record({
        kind: fc.constant('take' as const),
        maxChunks: fc.integer({ min: 1, max: 16 }),
        maxCharacters: fc.integer({ min: 1, max: 60 }),
        refuses: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('put-back' as const), which: fc.nat(), cut: fc.nat(12) }),
      fc.record({ kind: fc.constant('answer' as const), which: fc.nat() }),
      fc.record({ kind: fc.constant('leave' as const), which: fc.nat() }),
    ),
    { maxLength: 60 },
  );

  it('hands each chunk out exactly once and counts what it holds, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const queue = new JobQueue();
        const jobs: Job[] = [];
        const inside = new Map<Job, Set<number>>();
        const out: Batch[] = [];
        /** The last fresh index of each job and bucket: chunks of like length leave in order. */
        const fresh = new Map<Job, Map<number, number>>();
        const seeTaken = (batch: Batch) => {
          for (const { job, start, end } of batch.spans) {
            for (let index = start; index < end; index += 1) {
              expect(job.isOpen(index)).toBe(true);
              expect(inside.get(job)?.delete(index)).toBe(true);
              if (batch.history === NO_HISTORY) {
                const bucket = lengthBucket(job.text(index).length);
                const before = fresh.get(job) ?? new Map<number, number>();
                expect(index).toBeGreaterThan(before.get(bucket) ?? -1);
                fresh.set(job, before.set(bucket, index));
              }
            }
          }
        };
        for (const step of sequence) {
          switch (step.kind) {
            case 'push': {
              const list = Array.from({ length: step.size }, (_, i) => 'é'.repeat((i * step.length) % 91));
              const job = jobOf({
                texts: list,
                priority: step.priority,
                onChunkError: 'continue',
                onSettled: (settled) => {
                  queue.forget(settled);
                  inside.set(settled, new Set());
                },
              });
              jobs.push(job);
              inside.set(job, new Set(list.keys()));
              queue.push(job);
              break;
            }
            case 'take': {
              const batch = queue.take({ ...BOUNDS, ...step }, () => !step.refuses);
              if (!batch) {
                if (!step.refuses) expect(queue.chunks).toBe(0);
                break;
              }
              expect(batch.chunks).toBeGreaterThan(0);
              expect(batch.chunks).toBeLessThanOrEqual(step.maxChunks);
              if (batch.history === NO_HISTORY && batch.chunks > 1) {
                expect(textsOf(batch).join('').length).toBeLessThanOrEqual(step.maxCharacters);
              }
              seeTaken(batch);
              out.push(batch);
              break;
            }
            case 'put-back': {
              const [batch] = out.splice(step.which % Math.max(1, out.length), 1);
              if (!batch) break;
              // Another history, so that the test can tell it from fresh chunks.
              for (const part of cutBatch(
                { ...batch, history: { ...batch.history, attempts: 1 } },
                step.cut,
              )) {
                for (const { job, start, end } of part.spans) {
                  for (let index = start; index < end; index += 1) {
                    if (job.isOpen(index)) inside.get(job)?.add(index);
                  }
                }
                queue.putBack(part);
              }
              break;
            }
            case 'answer': {
              const [batch] = out.splice(step.which % Math.max(1, out.length), 1);
              for (const { job, start, end } of batch?.spans ?? []) {
                job.answer(start, vectorsOf(...Array.from({ length: end - start }, (_, i) => i)), 0);
              }
              break;
            }
            case 'leave':
              jobs[step.which % Math.max(1, jobs.length)]?.failAll(GONE, 0);
          }
          const held = [...inside].flatMap(([job, indices]) => [...indices].map((index) => ({ job, index })));
          expect(counts(queue)).toEqual({
            chunks: held.length,
            bytes: held.reduce((sum, { job, index }) => sum + Buffer.byteLength(job.text(index)), 0),
            depth: PRIORITIES.map(
              (priority) => held.filter(({ job }) => job.request.priority === priority).length,
            ),
          });
        }
        // What is still inside comes out when it is asked for, and no more.
        for (let batch = take(queue); batch; batch = take(queue)) seeTaken(batch);
        expect(counts(queue)).toEqual({ chunks: 0, bytes: 0, depth: [0, 0, 0] });
        expect([...inside.values()].every((indices) => indices.size === 0)).toBe(true);
      }),
      { ...SEED, numRuns: 300 },
    );
  });
});
