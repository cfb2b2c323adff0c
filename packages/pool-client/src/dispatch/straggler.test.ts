import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentAfterMs, stragglerAfterMs } from './straggler.ts';

const SEED = { seed: 20_260_122 };

describe('stragglerAfterMs', () => {
  it.each([
    ['two and a half times the prediction of one that is never wrong', 100, 0, true, 250],
    ['later for one that is off by 10 %', 100, 0.1, true, 280],
    ['twice that late for one that is off by 83 %', 120, 2.5 / 3, true, 600],
    ['60 ms late at least', 10, 0.1, true, 70],
    ['60 ms late at least, up to 40 ms', 40, 0, true, 100],
    ['a second at least by a guess', 20, 0, false, 1_000],
    ['ten times a guess', 200, 5, false, 2_000],
  ])('is %s', (_fact, expectedMs, residual, measured, ms) => {
    expect(stragglerAfterMs({ expectedMs, residual, measured })).toBeCloseTo(ms, 6);
  });

  it('is later for whoever is expected later or predicted worse, and never within 60 ms of what was predicted', () => {
    const ms = fc.double({ min: 0, max: 60_000, noNaN: true });
    const residual = fc.double({ min: 0, max: 3, noNaN: true });
    fc.assert(
      fc.property(ms, ms, residual, residual, fc.boolean(), (expectedMs, moreMs, error, more, measured) => {
        const lateMs = stragglerAfterMs({ expectedMs, residual: error, measured });
        const later = { expectedMs: expectedMs + moreMs, residual: error + more, measured };
        expect(lateMs).toBeGreaterThanOrEqual(expectedMs + 60);
        expect(stragglerAfterMs(later)).toBeGreaterThanOrEqual(lateMs);
      }),
      SEED,
    );
  });
});

describe('silentAfterMs', () => {
  it.each([
    ['a second at least', 70, 1_000],
    ['a second at the edge', 250, 1_000],
    ['four times what makes a batch late', 600, 2_400],
  ])('is %s', (_fact, lateMs, ms) => {
    expect(silentAfterMs(lateMs)).toBe(ms);
  });
});
