import { ManualClock } from '@forebay/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PoolError } from '../errors.ts';
import { type GivenJob, jobOf, vectorsOf } from '../job.test-support.ts';
import { JobDeadlines } from './job-deadlines.ts';

const TIME_UP = new PoolError('POOL_TIMEOUT', 'time is up');

describe('JobDeadlines', () => {
  let clock: ManualClock;
  let deadlines: JobDeadlines;
  let due: { readonly name: string; readonly atMs: number }[];
  let stop: AbortController;
  let running: Promise<void>;

  beforeEach(() => {
    clock = new ManualClock(1_000);
    due = [];
    deadlines = new JobDeadlines(clock, (job) => {
      due.push({ name: job.request.tenant, atMs: clock.nowMs() });
      job.failAll(TIME_UP, clock.nowMs());
    });
    stop = new AbortController();
    running = deadlines.run(stop.signal);
  });

  afterEach(async () => {
    stop.abort();
    await running;
    expect(clock.pendingSleeps).toBe(0);
  });

  const add = (name: string, given: GivenJob) => {
    const job = jobOf({
      tenant: name,
      acceptedAtMs: clock.nowMs(),
      onSettled: (settled) => deadlines.delete(settled),
      ...given,
    });
    deadlines.add(job);
    return job;
  };

  it('ends jobs when their time is up, each at its own moment', async () => {
    add('late', { deadlineMs: 1_300 });
    add('early', { deadlineMs: 1_100 });
    await clock.advance(99);
    expect(due).toEqual([]);
    await clock.advance(500);
    expect(due).toEqual([
      { name: 'early', atMs: 1_100 },
      { name: 'late', atMs: 1_300 },
    ]);
    expect(deadlines.size).toBe(0);
  });

  it('sees a job that came while it slept and is due before the others', async () => {
    add('first', { deadlineMs: 5_000 });
    await clock.advance(100);
    add('second', { deadlineMs: 1_200 });
    await clock.advance(100);
    expect(due).toEqual([{ name: 'second', atMs: 1_200 }]);
  });

  it('ends an idle job, and one with progress only when it has been idle as long', async () => {
    add('idle', { texts: 3, idleTimeoutMs: 100 });
    const moving = add('moving', { texts: 3, idleTimeoutMs: 100 });
    await clock.advance(60);
    moving.answer(0, vectorsOf(0), clock.nowMs());
    await clock.advance(60);
    expect(due).toEqual([{ name: 'idle', atMs: 1_100 }]);
    moving.answer(1, vectorsOf(1), clock.nowMs());
    await clock.advance(1_000);
    expect(due.at(-1)).toEqual({ name: 'moving', atMs: 1_220 });
  });

  it('keeps to the absolute deadline, whatever progress there is', async () => {
    const job = add('moving', { texts: 9, idleTimeoutMs: 50, deadlineMs: 1_100 });
    for (let index = 0; index < 3; index += 1) {
      await clock.advance(40);
      job.answer(index, vectorsOf(index), clock.nowMs());
    }
    expect(due).toEqual([{ name: 'moving', atMs: 1_100 }]);
  });

  it('never looks at jobs that have all the time in the world', async () => {
    const job = add('patient', { texts: 2 });
    await clock.advance(86_400_000);
    expect(due).toEqual([]);
    expect([...deadlines]).toEqual([job]);
  });

  it('forgets what is settled', async () => {
    const job = add('answered', { deadlineMs: 1_100 });
    job.answer(0, vectorsOf(0), clock.nowMs());
    expect(deadlines.size).toBe(0);
    await clock.advance(1_000);
    expect(due).toEqual([]);
  });
});
