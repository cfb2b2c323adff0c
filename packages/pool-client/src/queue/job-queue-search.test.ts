import { describe, expect, it } from 'vitest';
import { PoolError } from '../errors.ts';
import { type GivenJob, jobOf, vectorsOf } from '../job.test-support.ts';
import { type Job, PRIORITIES } from '../job.ts';
import { type Batch, type BatchHistory, NO_HISTORY, textsOf } from './batch.ts';
import type { BatchBounds } from './batch-fill.ts';
import { JobQueue } from './job-queue.ts';

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

const settle = (one: Job, ...indices: readonly number[]) => {
  for (const index of indices) one.answer(index, vectorsOf(index), 0);
};
const texts = (batch: Batch | undefined) => batch && textsOf(batch);

describe('a search in the queue', () => {
  /** A queue with one batch of these jobs taken, and it. */
  function taken(...given: readonly GivenJob[]) {
    const queue = new JobQueue();
    const jobs = given.map((one) =>
      jobOf({ onChunkError: 'continue', ...one, onSettled: (done) => queue.forget(done) }),
    );
    for (const one of jobs) queue.push(one);
    const take = (maxChunks = 100) => queue.take({ ...BOUNDS, maxChunks }, always);
    const batch = take() as Batch; // there is at least one job
    return { queue, jobs, take, batch };
  }
  const counts = (queue: JobQueue, tenant = 'default') => ({
    chunks: queue.chunks,
    bytes: queue.bytes,
    depth: PRIORITIES.map((priority) => queue.depth(priority)),
    tenant: queue.waitingOf(tenant),
  });
  const waiting = (chunks: number) => ({
    chunks,
    bytes: chunks,
    depth: [0, chunks, 0],
    tenant: { chunks, bytes: chunks },
  });
  const bisectionOf = (batch: Batch | undefined) => batch?.history.bisection ?? Symbol('none');

  it('tries the first half, counts the other one as waiting, and hands that out when the first is right', () => {
    const { queue, batch, take } = taken({ texts: 5 });
    queue.bisect(batch);
    expect(counts(queue)).toEqual(waiting(5));
    const tried = take();
    expect([texts(tried), counts(queue), take()]).toEqual([['0', '1', '2'], waiting(2), undefined]);
    expect(texts(queue.searchOn(bisectionOf(tried)))).toEqual(['3', '4']);
    expect([counts(queue), queue.searchOn(bisectionOf(tried))]).toEqual([waiting(0), undefined]);
  });

  it('lets the other half go with any chunks when the first is to blame', () => {
    const { queue, batch, take } = taken({ texts: 5 });
    queue.bisect(batch);
    const tried = take();
    queue.endSearch(bisectionOf(tried));
    queue.push(jobOf({ texts: ['x', 'y'] }));
    expect(counts(queue)).toEqual(waiting(4));
    const next = take(3);
    expect([texts(next), next?.history]).toEqual([['3', '4', 'x'], NO_HISTORY]);
    expect([texts(take()), counts(queue)]).toEqual([['y'], waiting(0)]);
  });

  it('ends without harm where there is none', () => {
    const { queue } = taken({ texts: 2 });
    queue.endSearch(Symbol('none'));
    expect([queue.searchOn(Symbol('none')), counts(queue)]).toEqual([undefined, waiting(0)]);
  });

  it('searches only among what is open', () => {
    const { queue, jobs, batch, take } = taken({ texts: 4 }, { texts: 2 });
    settle(jobs[0] as Job, 0, 1); // there are two
    jobs[1]?.failAll(GONE, 0);
    queue.bisect(batch);
    expect(counts(queue)).toEqual(waiting(2));
    const tried = take();
    expect([texts(tried), texts(queue.searchOn(bisectionOf(tried)))]).toEqual([['2'], ['3']]);
  });

  it.each<[string, (batch: Batch, queue: JobQueue) => void]>([
    ['searched', (batch, queue) => queue.bisect(batch)],
    ['put back', (batch, queue) => queue.putBack(batch)],
    ['put back in halves', (batch, queue) => queue.putBackInHalves(batch)],
  ])('leaves nothing of a batch that is %s when all in it is settled', (_fact, act) => {
    const { queue, jobs, batch, take } = taken({ texts: 3 });
    jobs[0]?.failAll(GONE, 0);
    act(batch, queue);
    expect([counts(queue), take(), queue.oldestAcceptedMs]).toEqual([waiting(0), undefined, undefined]);
  });

  it('halves what is open, the first half the larger, and both go their own ways', () => {
    const { queue, jobs, batch, take } = taken({ texts: 6 });
    settle(jobs[0] as Job, 1); // there is one
    queue.putBackInHalves({ ...batch, history: { ...NO_HISTORY, attempts: 1 } });
    expect(counts(queue)).toEqual(waiting(5));
    expect([texts(take()), texts(take()), take()]).toEqual([['0', '2', '3'], ['4', '5'], undefined]);
    expect(counts(queue)).toEqual(waiting(0));
  });

  it.each<[string, (one: Job) => void, readonly string[] | undefined]>([
    ['the caller leaves', (one) => one.failAll(GONE, 0), undefined],
    ['one of its chunks is answered elsewhere', (one) => settle(one, 4), ['3', '5']],
    ['all of its chunks are answered elsewhere', (one) => settle(one, 3, 4, 5), undefined],
  ])('counts rightly when, of the parked half, %s', (_fact, act, guilty) => {
    const { queue, jobs, batch, take } = taken({ texts: 6 });
    queue.bisect(batch);
    const tried = take();
    act(jobs[0] as Job); // there is one
    expect(texts(queue.searchOn(bisectionOf(tried)))).toEqual(guilty);
    expect(counts(queue)).toEqual(waiting(0));
  });

  it('knows who waits longest, the parked half included', () => {
    const { queue, batch, take } = taken({ texts: 1, acceptedAtMs: 50 }, { texts: 1, acceptedAtMs: 20 });
    queue.bisect(batch);
    take();
    expect([queue.oldestAcceptedMs, queue.workMs(FLAT)]).toEqual([20, 1]);
  });

  it('charges for what is sent once more, but not for a search, whose cost is charged to the bad chunk', () => {
    const nextAfter = (history: BatchHistory, chargeMs = 0) => {
      const { queue, jobs, batch, take } = taken({ texts: 3, tenant: 'a' });
      queue.push(jobOf({ texts: 4, tenant: 'b' }));
      take();
      queue.putBack({ ...batch, history });
      take();
      queue.charge(jobs[0] as Job, chargeMs); // there is one
      for (const tenant of ['a', 'b']) queue.push(jobOf({ texts: [tenant], tenant }));
      return texts(take(1));
    };
    const failed = { ...NO_HISTORY, attempts: 1 };
    expect(nextAfter(failed)).toEqual(['b']);
    expect(nextAfter({ ...failed, searchMs: 3 })).toEqual(['a']);
    expect(nextAfter({ ...failed, searchMs: 3 }, 3)).toEqual(['b']);
  });
});
