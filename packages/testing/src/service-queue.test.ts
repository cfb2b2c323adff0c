import { expect, it } from 'vitest';
import { ManualClock } from './manual-clock.ts';
import { type QueueSize, ServiceQueue } from './service-queue.ts';

type TimedJob = { name: string; serviceMs: number; abandoned: () => boolean };

/** A batch takes 10 ms more for each job after its first. */
function setUp(size: Partial<QueueSize> = {}) {
  const clock = new ManualClock();
  const done: [string, number][] = [];
  const full: QueueSize = { workers: 1, jobQueueSize: 100, batchSize: 1, maxBatchDelayMs: 0, ...size };
  const queue = new ServiceQueue<TimedJob>(full, clock, (jobs) => ({
    serviceMs: (jobs[0]?.serviceMs ?? 0) + 10 * (jobs.length - 1),
    texts: jobs.length,
    done: () => done.push([jobs.map(({ name }) => name).join('+'), clock.nowMs()]),
  }));
  const job = (name: string, serviceMs: number, abandoned = false): TimedJob => ({
    name,
    serviceMs,
    abandoned: () => abandoned,
  });
  return { clock, queue, done, job };
}

it('is done at once when an idle worker needs no time', () => {
  const { queue, done, job } = setUp();
  expect(queue.submit(job('a', 0))).toBe(true);
  expect(done).toEqual([['a', 0]]);
  expect(queue.busyWorkers).toBe(0);
});

it('serves first in first out with each worker on one job', async () => {
  const { clock, queue, done, job } = setUp({ workers: 2 });
  for (const name of ['a', 'b', 'c', 'd']) queue.submit(job(name, 10));
  expect([queue.busyWorkers, queue.waitingJobs]).toEqual([2, 2]);
  await clock.advance(20);
  expect(new Map(done)).toEqual(
    new Map([
      ['a', 10],
      ['b', 10],
      ['c', 20],
      ['d', 20],
    ]),
  );
});

it('keeps the rate when the timer is slower than the jobs', async () => {
  const { clock, queue, done, job } = setUp({ jobQueueSize: 2000 });
  for (let i = 0; i < 1000; i += 1) queue.submit(job('a', 0.1));
  await clock.advance(50);
  expect(done.length).toBeGreaterThanOrEqual(499);
  expect(done.length).toBeLessThanOrEqual(506);
  await clock.advance(50);
  expect(done).toHaveLength(1000);
});

it.each([
  [1, 1, 1],
  [1, 3, 3],
  [2, 3, 4],
])('with %i workers and a queue size of %i takes %i jobs', (workers, jobQueueSize, taken) => {
  const { queue, job } = setUp({ workers, jobQueueSize });
  const accepted = Array.from({ length: 6 }, () => queue.submit(job('a', 10)));
  expect(accepted.filter(Boolean)).toHaveLength(taken);
});

it('skips an abandoned job that waits, and finishes one that runs', async () => {
  const { clock, queue, done, job } = setUp();
  queue.submit(job('runs', 10, true));
  queue.submit(job('waits', 10, true));
  queue.submit(job('wanted', 10));
  await clock.advance(20);
  expect(done).toEqual([
    ['runs', 10],
    ['wanted', 20],
  ]);
});

it('forgets all jobs and works on', async () => {
  const { clock, queue, done, job } = setUp();
  queue.submit(job('runs', 10));
  queue.submit(job('waits', 10));
  queue.clear();
  queue.submit(job('new', 5));
  await clock.advance(50);
  expect(done).toEqual([['new', 5]]);
  expect([queue.busyWorkers, queue.waitingJobs, clock.pendingSleeps]).toEqual([0, 0, 0]);
});

it('takes what waits together when its batch is done, up to the batch size', async () => {
  const { clock, queue, done, job } = setUp({ batchSize: 3 });
  for (const name of ['a', 'b', 'c', 'd', 'e']) queue.submit(job(name, 10, name === 'b'));
  expect([queue.busyWorkers, queue.waitingJobs]).toEqual([1, 4]);
  await clock.advance(100);
  expect(done).toEqual([
    ['a', 10],
    ['c+d+e', 40],
  ]);
});

it('waits for more from when it took the first job, not from the last', async () => {
  const { clock, queue, done, job } = setUp({ batchSize: 3, maxBatchDelayMs: 20 });
  queue.submit(job('a', 10));
  await clock.advance(15);
  queue.submit(job('b', 10));
  expect([queue.busyWorkers, queue.waitingJobs, done.length]).toEqual([1, 0, 0]);
  await clock.advance(10);
  queue.submit(job('c', 10));
  await clock.advance(100);
  expect(done).toEqual([
    ['a+b', 40],
    ['c', 70],
  ]);
});

it('begins at once with a full batch', async () => {
  const { clock, queue, done, job } = setUp({ batchSize: 2, maxBatchDelayMs: 1_000 });
  for (const name of ['a', 'b', 'c', 'd']) queue.submit(job(name, 10));
  await clock.advance(40);
  expect(done).toEqual([
    ['a+b', 20],
    ['c+d', 40],
  ]);
});

it('makes a job that is alone pay the whole delay', async () => {
  const { clock, queue, done, job } = setUp({ batchSize: 128, maxBatchDelayMs: 300 });
  queue.submit(job('a', 10));
  await clock.advance(400);
  expect(done).toEqual([['a', 310]]);
});

it('forgets a batch that gathers', async () => {
  const { clock, queue, done, job } = setUp({ batchSize: 2, maxBatchDelayMs: 50 });
  queue.submit(job('old', 10));
  queue.clear();
  queue.submit(job('a', 10));
  queue.submit(job('b', 10));
  await clock.advance(100);
  expect(done).toEqual([['a+b', 20]]);
  expect([queue.busyWorkers, queue.waitingJobs, clock.pendingSleeps]).toEqual([0, 0, 0]);
});

it('counts the texts under way by the time that has passed', async () => {
  const { clock, queue, job } = setUp({ workers: 2 });
  queue.submit(job('a', 10));
  queue.submit(job('b', 40));
  await clock.advance(5);
  expect(queue.textsUnderWay).toBe(0.5 + 0.125);
  await clock.advance(10);
  expect(queue.textsUnderWay).toBe(0.375);
  await clock.advance(25);
  expect(queue.textsUnderWay).toBe(0);
});
