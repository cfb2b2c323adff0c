import { expect, it } from 'vitest';
import { ManualClock } from './manual-clock.ts';
import { type Job, ServiceQueue } from './service-queue.ts';

function setUp(size: { workers?: number; jobQueueSize?: number } = {}) {
  const clock = new ManualClock();
  const queue = new ServiceQueue({ workers: 1, jobQueueSize: 100, ...size }, clock);
  const done: [string, number][] = [];
  const job = (name: string, serviceMs: number, abandoned = false): Job => ({
    serviceMs,
    abandoned: () => abandoned,
    done: () => done.push([name, clock.nowMs()]),
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
