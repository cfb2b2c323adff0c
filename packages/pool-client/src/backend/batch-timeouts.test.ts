import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { BatchTimeouts, type TimedBatch } from './batch-timeouts.ts';

function started(timeoutMs = 100) {
  const clock = new ManualClock(1_000);
  const closing = new AbortController();
  const timeouts = new BatchTimeouts(clock, timeoutMs, closing.signal);
  return { clock, closing, timeouts, begin: () => timeouts.begin(clock.nowMs()) };
}

const stand = (...batches: readonly TimedBatch[]) =>
  batches.map(({ signal, timedOut }) => (timedOut ? 'timed out' : signal.aborted ? 'given up' : 'running'));

it('gives each batch its whole time and not a millisecond more', async () => {
  const { clock, begin } = started();
  const first = begin();
  await clock.advance(60);
  const second = begin();
  await clock.advance(39);
  expect(stand(first, second)).toEqual(['running', 'running']);
  await clock.advance(1);
  expect(stand(first, second)).toEqual(['timed out', 'running']);
  await clock.advance(59);
  expect(stand(first, second)).toEqual(['timed out', 'running']);
  await clock.advance(1);
  expect(stand(first, second)).toEqual(['timed out', 'timed out']);
});

it('leaves ended batches alone, and watches those that begin after a rest', async () => {
  const { clock, timeouts, begin } = started();
  const early = begin();
  timeouts.end(early);
  await clock.advance(99);
  const late = begin();
  await clock.advance(99);
  expect(stand(early, late)).toEqual(['running', 'running']);
  await clock.advance(1);
  expect(stand(early, late)).toEqual(['running', 'timed out']);
  await clock.advance(1_000);
  const last = begin();
  await clock.advance(100);
  expect(stand(last)).toEqual(['timed out']);
});

it('has one sleep for however many batches, and none when nothing is under way for long', async () => {
  const { clock, timeouts, begin } = started();
  const batches = Array.from({ length: 50 }, begin);
  expect(clock.pendingSleeps).toBe(1);
  for (const batch of batches) timeouts.end(batch);
  await clock.advance(100);
  expect(clock.pendingSleeps).toBe(0);
});

it('gives everything up when it is closed, later ones as well, and then sleeps no more', async () => {
  const { clock, closing, begin } = started();
  const before = begin();
  closing.abort();
  const after = begin();
  expect(stand(before, after)).toEqual(['given up', 'given up']);
  await clock.advance(0);
  expect(clock.pendingSleeps).toBe(0);
  await clock.advance(1_000);
  expect(stand(before, after)).toEqual(['given up', 'given up']);
});

it('gives up those that began before a moment, as timed out, and leaves the later ones their whole time', async () => {
  const { clock, timeouts, begin } = started();
  const first = begin();
  await clock.advance(10);
  const second = begin();
  await clock.advance(20);
  const third = begin();
  timeouts.giveUpBegunBefore(clock.nowMs() - 1);
  expect(stand(first, second, third)).toEqual(['timed out', 'timed out', 'running']);
  await clock.advance(99);
  expect(stand(third)).toEqual(['running']);
  await clock.advance(1);
  expect(stand(third)).toEqual(['timed out']);
});

it.each<[string, (timeouts: BatchTimeouts, batch: TimedBatch) => void]>([
  ['began after that moment', (timeouts) => timeouts.giveUpBegunBefore(999)],
  [
    'has ended',
    (timeouts, batch) => {
      timeouts.end(batch);
      timeouts.giveUpBegunBefore(5_000);
    },
  ],
])('gives up none that %s', (_fact, act) => {
  const { timeouts, begin } = started();
  const batch = begin();
  act(timeouts, batch);
  expect(stand(batch)).toEqual(['running']);
});

it('watches those that begin after all were given up', async () => {
  const { clock, timeouts, begin } = started();
  begin();
  await clock.advance(50);
  timeouts.giveUpBegunBefore(clock.nowMs());
  const late = begin();
  await clock.advance(99);
  expect(stand(late)).toEqual(['running']);
  await clock.advance(1);
  expect([stand(late), clock.pendingSleeps]).toEqual([['timed out'], 0]);
});
