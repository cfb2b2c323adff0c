import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RETRY_BUDGET, RetryBudget, type RetryBudgetOptions, SEARCH_BUDGET } from './retry-budget.ts';

const SEED = { seed: 20_260_123 };
const OPTIONS: RetryBudgetOptions = { share: 0.2, reserve: 100, perSecond: 50 };

/** A budget that has spent so many chunks. */
function spent(chunks: number, options = OPTIONS): RetryBudget {
  const budget = new RetryBudget(options);
  budget.allows(0);
  budget.spend(chunks);
  return budget;
}

describe('RetryBudget', () => {
  it.each([
    ['lets go while anything is left', 99, 0],
    ['waits when nothing is left', 100, 1],
    ['lets the last one overdraw it, and waits for all of that', 150, 1_001],
  ])('%s', (_fact, chunks, waitMs) => {
    const budget = spent(chunks);
    expect([budget.allows(0), budget.waitMs(0)]).toEqual([waitMs === 0, waitMs]);
  });

  it.each([
    ['a share of what leaves for a first time', 100, 5, false],
    ['a chunk for each five that leave for a first time', 100, 6, true],
    ['a share of large batches too', 140, 206, true],
  ])('earns %s', (_fact, chunks, sent, allows) => {
    const budget = spent(chunks + 1);
    budget.sent(sent);
    expect(budget.allows(0)).toBe(allows);
  });

  it('saves no more than its reserve, whatever leaves and however long', () => {
    const budget = new RetryBudget(OPTIONS);
    budget.sent(1e9);
    budget.spend(100);
    expect(budget.allows(0)).toBe(false);
    expect(budget.allows(1e9)).toBe(true);
    budget.spend(100);
    expect(budget.allows(1e9)).toBe(false);
  });

  it('counts time from when it is first asked, and no moment twice', () => {
    const budget = new RetryBudget(OPTIONS);
    budget.spend(101);
    expect([1e9, 1e9, 1e9 + 20, 1e9 + 20, 1e9 + 21].map((nowMs) => budget.allows(nowMs))).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it.each([
    ['retries', RETRY_BUDGET],
    ['searches', SEARCH_BUDGET],
  ])('of %s earns by time, so that it never stands still for ever', (_what, options) => {
    const budget = spent(options.reserve + 50, options);
    expect(budget.waitMs(0)).toBe(1_001);
  });

  const options = fc.record({
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    reserve: fc.integer({ min: 1, max: 2_000 }),
    perSecond: fc.integer({ min: 1, max: 1_000 }),
  });
  const events = fc.array(
    fc.record({
      laterMs: fc.nat(2_000),
      sent: fc.nat(256),
      again: fc.array(fc.integer({ min: 1, max: 256 }), { maxLength: 8 }),
    }),
    { maxLength: 30 },
  );

  it('never spends more than was earned and saved, but for one batch', () => {
    fc.assert(
      fc.property(options, events, (given, list) => {
        const budget = new RetryBudget(given);
        let nowMs = 0;
        let earned = given.reserve;
        let used = 0;
        let largest = 0;
        budget.allows(nowMs);
        for (const { laterMs, sent, again } of list) {
          nowMs += laterMs;
          budget.sent(sent);
          earned += given.share * sent + (given.perSecond * laterMs) / 1_000;
          for (const chunks of again) {
            if (!budget.allows(nowMs)) break;
            budget.spend(chunks);
            used += chunks;
            largest = Math.max(largest, chunks);
          }
          expect(used).toBeLessThanOrEqual(earned + largest + 1e-6);
        }
      }),
      SEED,
    );
  });

  it('never spends more in any stretch of time than its reserve, what is earned in it, and one batch', () => {
    fc.assert(
      fc.property(options, events, fc.integer({ min: 0, max: 1e9 }), (given, list, idleMs) => {
        const budget = new RetryBudget(given);
        budget.allows(0);
        budget.sent(1e6);
        let nowMs = idleMs;
        let earned = given.reserve;
        let used = 0;
        let largest = 0;
        budget.allows(nowMs);
        for (const { laterMs, sent, again } of list) {
          nowMs += laterMs;
          budget.sent(sent);
          earned += given.share * sent + (given.perSecond * laterMs) / 1_000;
          for (const chunks of again) {
            if (!budget.allows(nowMs)) break;
            budget.spend(chunks);
            used += chunks;
            largest = Math.max(largest, chunks);
          }
        }
        expect(used).toBeLessThanOrEqual(earned + largest + 1e-3);
      }),
      SEED,
    );
  });

  it('says how long to wait: long enough, and at most 2 ms too long', () => {
    fc.assert(
      fc.property(options, fc.nat(5_000), fc.nat(10_000), (given, chunks, nowMs) => {
        const later = (ms: number) => {
          const budget = spent(given.reserve + chunks, given);
          const waitMs = budget.waitMs(nowMs);
          return { waitMs, allows: budget.allows(nowMs + Math.max(0, waitMs + ms)) };
        };
        const { waitMs, allows } = later(0);
        expect(allows).toBe(true);
        if (waitMs > 2) expect(later(-2).allows).toBe(false);
      }),
      SEED,
    );
  });
});
