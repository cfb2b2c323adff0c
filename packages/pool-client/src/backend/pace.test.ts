import { describe, expect, it } from 'vitest';
import type { BackendEntry } from '../backend-entry.ts';
import { Pace } from './pace.ts';

const ENTRY: BackendEntry = {
  id: 'a',
  url: 'http://simulated',
  model: 'm',
  protocol: 'djl',
  state: 'ready',
  class: 'cpu',
  maxBatch: 256,
  concurrency: 8,
};

const shape = (chunks: number) => ({ chunks, paddedCharacters: 200 * chunks });
const view = (pace: Pace, nowMs: number) => pace.view('a', 'cpu', nowMs);

/** One that took `batchMs` for each of so many batches, one after the other, from 0 on; and the moment after the last. */
function measured(batches = 20, chunks = 16, batchMs = 30): { readonly pace: Pace; readonly nowMs: number } {
  const pace = new Pace(ENTRY);
  let nowMs = 0;
  for (let i = 0; i < batches; i += 1) {
    const flight = pace.sent(shape(chunks), nowMs);
    nowMs += batchMs;
    pace.ended(flight, nowMs, true, false);
  }
  return { pace, nowMs };
}

describe('Pace', () => {
  it('says when a busy backend will be free, and takes what is overdue for taking as long again', () => {
    const { pace, nowMs } = measured();
    pace.sent(shape(16), nowMs);
    expect(view(pace, nowMs).freeMs).toBeCloseTo(30, 0);
    expect(view(pace, nowMs + 20).freeMs).toBeCloseTo(10, 0);
    expect(view(pace, nowMs + 90).freeMs).toBeCloseTo(60, 0);
  });

  it('takes a ready batch for begun when the one before it was answered', () => {
    const { pace, nowMs } = measured();
    const first = pace.sent(shape(16), nowMs);
    pace.sent(shape(16), nowMs + 10);
    pace.ended(first, nowMs + 30, true, false);
    expect(view(pace, nowMs + 40).freeMs).toBeCloseTo(20, 0);
  });

  it.each([
    ['is taken for one that was there a little before', 20, 64, 30],
    ['by 50 ms at most', 200, 64, 50],
  ])('an answer that was seen late %s', (_fact, lateMs, chunks, mostMs) => {
    const { pace, nowMs } = measured();
    const first = pace.sent(shape(16), nowMs);
    pace.sent(shape(chunks), nowMs);
    const seenMs = nowMs + 30 + lateMs;
    pace.ended(first, seenMs, true, false);
    const begunAgoMs = pace.predictMs(shape(chunks)) - view(pace, seenMs).freeMs;
    expect(begunAgoMs).toBeGreaterThan(0);
    expect(begunAgoMs).toBeLessThan(mostMs + 0.01);
  });

  it('takes the batch behind one that timed out for begun only then', () => {
    const { pace, nowMs } = measured();
    const first = pace.sent(shape(16), nowMs);
    pace.sent(shape(16), nowMs);
    pace.ended(first, nowMs + 60_000, false, false);
    expect(view(pace, nowMs + 60_000).freeMs).toBeCloseTo(30, 0);
  });

  it('does not learn from a batch that failed', () => {
    const { pace, nowMs } = measured();
    const before = pace.predictMs(shape(16));
    for (let i = 0; i < 5; i += 1) pace.ended(pace.sent(shape(16), nowMs), nowMs + 60_000, false, true);
    expect(pace.predictMs(shape(16))).toBe(before);
  });

  it('holds batches to half of one that was too large, and to one chunk more for each full one that was answered', () => {
    const { pace, nowMs } = measured(20, 64, 70);
    expect(view(pace, nowMs).batchLimit).toBeGreaterThan(20);
    pace.refused(20);
    expect(view(pace, nowMs).batchLimit).toBe(10);
    pace.ended(pace.sent(shape(10), nowMs), nowMs + 12, true, false);
    expect(view(pace, nowMs).batchLimit).toBe(11);
    pace.ended(pace.sent(shape(4), nowMs), nowMs + 6, true, false);
    expect(view(pace, nowMs).batchLimit).toBe(11);
    for (let i = 0; i < 6; i += 1) pace.refused(1);
    expect(view(pace, nowMs).batchLimit).toBe(1);
  });

  it.each([
    ['a quarter of a second', 0, 260, true],
    ['not earlier', 0, 100, false],
    ['a fortieth of the time it was left out', 60_000, 1_400, false],
    ['that much later', 60_000, 1_600, true],
    ['16 s at most', 3_600_000, 16_000, true],
  ])('is due for a trial after %s', (_fact, leftOutMs, waitMs, due) => {
    const { pace, nowMs } = measured();
    if (leftOutMs > 0) {
      pace.ended(pace.sent(shape(4), nowMs + leftOutMs), nowMs + leftOutMs + 11, true, false);
    }
    expect(view(pace, nowMs + leftOutMs + waitMs).trialDue).toBe(due);
  });

  it('is due for the next trial at once when one was fast', () => {
    const { pace, nowMs } = measured();
    const trial = pace.sent(shape(4), nowMs + 10_000);
    pace.ended(trial, nowMs + 10_001, true, false);
    expect(view(pace, nowMs + 10_001).trialDue).toBe(true);
  });

  describe('with a batch that was given up', () => {
    /** One that has a batch of 16 from `nowMs` on, given up 100 ms later; it is a ghost until 200 ms after `nowMs`. */
    function haunted() {
      const { pace, nowMs } = measured();
      const ghost = pace.sent(shape(16), nowMs);
      pace.abandoned(ghost, nowMs + 100);
      return { pace, nowMs };
    }

    const facts = (pace: Pace, nowMs: number) => {
      const { inFlightBatches, inFlightChunks, freeMs } = view(pace, nowMs);
      return { inFlightBatches, inFlightChunks, ghostChunks: pace.ghostChunks(nowMs), isFree: freeMs === 0 };
    };
    const taken = { inFlightBatches: 1, inFlightChunks: 16, ghostChunks: 16, isFree: false };
    const free = { inFlightBatches: 0, inFlightChunks: 0, ghostChunks: 0, isFree: true };

    it.each([
      ['is believed to be at work on it', 100, taken],
      ['is believed so for as long again as it had', 199, taken],
      ['is free then by itself', 200, free],
    ])('%s', (_fact, afterMs, expected) => {
      const { pace, nowMs } = haunted();
      expect(facts(pace, nowMs + afterMs)).toEqual(expected);
    });

    it('is known to be free of it by whoever asks first', () => {
      for (const ask of ['expectMs', 'ghostChunks'] as const) {
        const { pace, nowMs } = haunted();
        const answer =
          ask === 'expectMs' ? pace.expectMs(shape(16), nowMs + 200) : pace.ghostChunks(nowMs + 200);
        expect(answer).toBe(ask === 'expectMs' ? pace.predictMs(shape(16)) : 0);
      }
    });

    it('is free of it as soon as it answered what was sent later, and keeps what it is still to answer', () => {
      const { pace, nowMs } = haunted();
      pace.sent(shape(4), nowMs + 100);
      pace.forgetGhosts(nowMs + 105);
      expect(facts(pace, nowMs + 110)).toEqual({ ...taken, inFlightChunks: 4, ghostChunks: 0 });
    });

    it.each(['by itself', 'since it answered'])('begins what stood behind it when it is gone %s', (how) => {
      const { pace, nowMs } = measured();
      pace.abandoned(pace.sent(shape(16), nowMs), nowMs + 100);
      const behind = pace.sent(shape(16), nowMs + 199);
      if (how !== 'by itself') pace.forgetGhosts(nowMs + 199);
      pace.ghostChunks(nowMs + 200);
      expect(behind.begunMs).toBeGreaterThanOrEqual(nowMs + 199);
      expect(pace.view('a', 'cpu', nowMs + 220).freeMs).toBeLessThan(15);
    });

    it('says how long it lasts', () => {
      const { pace, nowMs } = measured();
      pace.abandoned(pace.sent(shape(16), nowMs), nowMs + 100);
      const left = [100, 150, 199].map((ms) => Math.round(pace.view('a', 'cpu', nowMs + ms).freeMs));
      expect(left).toEqual([100, 50, 1]);
    });

    it('counts no batch for given up that is not', () => {
      const { pace, nowMs } = measured();
      pace.sent(shape(16), nowMs);
      expect(facts(pace, nowMs + 10)).toEqual({ ...taken, ghostChunks: 0 });
      pace.forgetGhosts(nowMs + 20);
      expect(facts(pace, nowMs + 100_000)).toEqual({ ...taken, ghostChunks: 0 });
    });

    it('learns nothing from it', () => {
      const fresh = measured();
      const { pace } = haunted();
      expect(pace.predictMs(shape(16))).toBe(fresh.pace.predictMs(shape(16)));
      expect(view(pace, 10_000).curve).toEqual(view(fresh.pace, 10_000).curve);
    });
  });

  it('that starts slowly has small batches first, twice as large with each full one that is answered', () => {
    const { pace, nowMs } = measured(20, 64, 70);
    const before = view(pace, nowMs).batchLimit;
    expect(before).toBeGreaterThan(32);
    pace.startSlowly();
    const limits = [8, 16, 32].map((chunks) => {
      const { batchLimit } = view(pace, nowMs);
      pace.ended(pace.sent(shape(chunks - 1), nowMs), nowMs + 2 + chunks, true, false);
      const same = view(pace, nowMs).batchLimit;
      pace.ended(pace.sent(shape(chunks), nowMs), nowMs + 2 + chunks, true, false);
      return [batchLimit, same];
    });
    expect(limits).toEqual([
      [8, 8],
      [16, 16],
      [32, 32],
    ]);
    expect(view(pace, nowMs).batchLimit).toBeGreaterThan(32);
  });

  it('expects an answer after what is before it and its own time', () => {
    const { pace, nowMs } = measured();
    const ownMs = pace.predictMs(shape(4));
    expect(pace.expectMs(shape(4), nowMs)).toBe(ownMs);
    pace.sent(shape(16), nowMs);
    expect(pace.expectMs(shape(4), nowMs + 10)).toBeCloseTo(20 + ownMs, 0);
    pace.sent(shape(16), nowMs + 10);
    expect(pace.expectMs(shape(4), nowMs + 10)).toBeCloseTo(50 + ownMs, 0);
  });
});
