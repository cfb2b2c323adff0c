import { describe, expect, it } from 'vitest';
import { PoolError } from '../errors.ts';
import { type GivenJob, jobOf, vectorsOf } from '../job.test-support.ts';
import type { Job } from '../job.ts';
import { type Batch, type BatchHistory, batchOf, NO_HISTORY, type Span, textsOf } from './batch.ts';
import { type BatchBounds, BatchFill } from './batch-fill.ts';
import { oldestOf, SecondTries } from './second-tries.ts';

const FLAT = { baseMs: 2, perChunkMs: 1, perKilocharacterMs: 0 };
const BOUNDS: BatchBounds = {
  maxChunks: 100,
  maxCharacters: 100_000,
  maxMs: 1_000,
  curve: FLAT,
  charge: FLAT,
};
const GONE = new PoolError('POOL_ABORTED', 'gone');
const always = () => true;

const job = (given: GivenJob = {}) => jobOf({ onChunkError: 'continue', ...given });
const whole = (one: Job, history: BatchHistory = NO_HISTORY): Batch =>
  batchOf([{ job: one, start: 0, end: one.total }], history);
const part = (one: Job, start: number, end: number, history: BatchHistory = NO_HISTORY): Batch =>
  batchOf([{ job: one, start, end }], history);
const settle = (one: Job, ...indices: readonly number[]) => {
  for (const index of indices) one.answer(index, vectorsOf(index), 0);
};
const texts = (batch: Batch | undefined) => batch && textsOf(batch);
/** Takes until nothing is left that may go. */
const allOf = (take: () => Batch | undefined) => {
  const taken: string[][] = [];
  for (let batch = take(); batch; batch = take()) taken.push(textsOf(batch));
  return taken;
};

/** Second tries, and the indices of what left them without being taken. */
function tries() {
  const left: number[] = [];
  const again = new SecondTries(({ start, end }: Span) => {
    for (let index = start; index < end; index += 1) left.push(index);
  });
  const filled = (bounds: Partial<BatchBounds> = {}) => {
    const fill = new BatchFill({ ...BOUNDS, ...bounds });
    const first = again.fill(fill, undefined);
    return { first, texts: textsOf(batchOf(fill.spans(), NO_HISTORY)) };
  };
  return { again, left, filled };
}

describe('SecondTries', () => {
  it('hands failed batches out in the order they came, as they are', () => {
    const { again } = tries();
    const history = { ...NO_HISTORY, attempts: 1 };
    const [a, b] = [whole(job({ texts: 2 }), history), whole(job({ texts: 3 }))];
    again.put(a);
    again.put(b);
    expect([again.take(9, always), again.take(9, always), again.take(9, always)]).toEqual([a, b, undefined]);
  });

  it('passes over those that may not go', () => {
    const { again } = tries();
    again.put(whole(job({ texts: ['a'] })));
    again.put(whole(job({ texts: ['b'] })));
    expect(texts(again.take(9, (batch) => textsOf(batch)[0] === 'b'))).toEqual(['b']);
    expect(allOf(() => again.take(9, always))).toEqual([['a']]);
  });

  it('cuts what is larger than may go, and keeps the rest in its place', () => {
    const { again } = tries();
    again.put(whole(job({ texts: 5 })));
    again.put(whole(job({ texts: ['x'] })));
    expect(allOf(() => again.take(2, always))).toEqual([['0', '1'], ['2', '3'], ['4'], ['x']]);
  });

  it('hands out only what is open, and says once what has left', () => {
    const { again, left } = tries();
    const one = job({ texts: 5 });
    again.put(whole(one));
    settle(one, 1, 3);
    expect(again.take(9, () => false)).toBeUndefined();
    expect(again.take(9, () => false)).toBeUndefined();
    expect(left).toEqual([1, 3]);
    settle(one, 4);
    expect(texts(again.take(9, always))).toEqual(['0', '2']);
    expect(left).toEqual([1, 3, 4]);
  });

  it('says nothing of a job that is done: its queue has forgotten all of it', () => {
    const { again, left } = tries();
    const one = job({ texts: 3 });
    again.put(whole(one));
    again.put(whole(job({ texts: ['x'] })));
    again.clear(whole(one));
    one.failAll(GONE, 0);
    expect(allOf(() => again.take(9, always))).toEqual([['x']]);
    expect([left, [...again.spans()].length]).toEqual([[], 1]);
  });

  it.each([
    ['the first of those that come', 100, 200],
    ['the next, once that is there', 200, 300],
    ['none, once all are there', 300, undefined],
  ])('say when something may go again: %s', (_fact, nowMs, nextMs) => {
    const { again } = tries();
    for (const notBeforeMs of [300, 200]) again.put(whole(job(), { ...NO_HISTORY, notBeforeMs }));
    expect(again.nextMs(nowMs)).toBe(nextMs);
  });

  describe('of a half that is tried', () => {
    const bisection = Symbol('bisection');
    const history = { ...NO_HISTORY, bisection };

    it('keeps the other one until it is asked for, once', () => {
      const { again } = tries();
      again.park(bisection, whole(job({ texts: 2 })));
      expect([again.take(9, always), again.nextMs(0)]).toEqual([undefined, undefined]);
      expect(again.takeParked(Symbol('bisection'))).toBeUndefined();
      expect(texts(again.takeParked(bisection))).toEqual(['0', '1']);
      expect(again.takeParked(bisection)).toBeUndefined();
    });

    it('hands out only what is open of the other one, and says what has left', () => {
      const { again, left } = tries();
      const [one, two] = [job({ texts: 4 }), job({ texts: 1 })];
      again.park(bisection, batchOf([...whole(one).spans, ...whole(two).spans], history));
      settle(one, 0, 2);
      two.failAll(GONE, 0);
      expect(texts(again.takeParked(bisection))).toEqual(['1', '3']);
      expect(left).toEqual([0, 2]);
    });

    it('parks what does not fit into the batch beside the other half, in order', () => {
      const { again } = tries();
      const one = job({ texts: 8 });
      again.park(bisection, part(one, 4, 8));
      again.put(part(one, 0, 4, history));
      const head = again.take(3, always);
      expect([texts(head), head?.history]).toEqual([['0', '1', '2'], history]);
      expect(again.take(9, always)).toBeUndefined();
      expect(texts(again.takeParked(bisection))).toEqual(['3', '4', '5', '6', '7']);
    });

    it('sends what does not fit as a batch of its own where no other half is parked', () => {
      const { again } = tries();
      again.put(whole(job({ texts: 4 }), history));
      expect(allOf(() => again.take(3, always))).toEqual([['0', '1', '2'], ['3']]);
    });

    it('clears the other one when nobody waits for the tried one any more', () => {
      const { again, filled } = tries();
      const [tried, other] = [job({ texts: 2 }), job({ texts: ['x', 'y'] })];
      again.put(whole(tried, history));
      again.park(bisection, whole(other));
      tried.failAll(GONE, 0);
      expect(again.take(9, always)).toBeUndefined();
      expect(filled()).toEqual({ first: 1, texts: ['x', 'y'] });
      expect([...again.spans()]).toEqual([]);
    });
  });

  describe('of what is cleared', () => {
    it('joins any batch as far as it fits, and the rest the next', () => {
      const { again, filled } = tries();
      again.clear(whole(job({ texts: ['abc', 'd', 'e'] })));
      again.clear(whole(job({ texts: ['f'] })));
      expect(filled({ maxChunks: 2 })).toEqual({ first: 3, texts: ['abc', 'd'] });
      expect(filled({ maxChunks: 9 })).toEqual({ first: 1, texts: ['e', 'f'] });
      expect(filled()).toEqual({ first: undefined, texts: [] });
    });

    it('adds only what is open, and says what has left', () => {
      const { again, left, filled } = tries();
      const [one, two] = [job({ texts: 5 }), job({ texts: 3 })];
      for (const cleared of [two, one]) again.clear(whole(cleared));
      settle(one, 0, 2, 4);
      two.failAll(GONE, 0);
      expect(filled().texts).toEqual(['1', '3']);
      expect([left, [...again.spans()]]).toEqual([[0, 2, 4], []]);
    });
  });

  it('lists all that is here', () => {
    const { again } = tries();
    again.put(whole(job({ texts: 1 })));
    again.park(Symbol('bisection'), whole(job({ texts: 2 })));
    again.clear(whole(job({ texts: 3 })));
    expect([...again.spans()].map(({ start, end }) => end - start)).toEqual([1, 2, 3]);
  });
});

describe('oldestOf', () => {
  it('is the open job that was accepted first', () => {
    const [late, early, done] = [30, 20, 10].map((acceptedAtMs) => job({ acceptedAtMs })) as [Job, Job, Job];
    done.failAll(GONE, 0);
    const spans = [late, early, done].flatMap((one) => whole(one).spans);
    expect([oldestOf(spans), oldestOf([]), oldestOf(whole(done).spans)]).toEqual([
      early,
      undefined,
      undefined,
    ]);
  });
});
