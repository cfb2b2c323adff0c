import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { workAheadMs } from './work-ahead.ts';

const none = { workMs: 0, share: 0.1 };

describe('workAheadMs', () => {
  it.each([
    ['its own alone', 10, [], 0, none, 10],
    ['the others no more than they have', 10, [{ workMs: 4, weight: 1 }], 0, none, 14],
    ['the others no more than their share', 10, [{ workMs: 400, weight: 1 }], 0, none, 20],
    ['the others by their weight', 10, [{ workMs: 400, weight: 3 }], 0, none, 40],
    ['higher priorities whole', 10, [], 500, none, 510],
    ['lower ones by their least share', 90, [], 0, { workMs: 500, share: 0.1 }, 100],
    ['lower ones no more than they have', 90, [], 0, { workMs: 5, share: 0.1 }, 95],
  ])('counts %s', (_fact, own, others, higher, lower, expected) => {
    expect(workAheadMs({ workMs: own, weight: 1 }, others, higher, lower)).toBeCloseTo(expected);
  });

  it('is at least its own work and at most all', () => {
    const ms = fc.integer({ min: 1, max: 1_000 });
    const other = fc.record({ workMs: ms, weight: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(ms, fc.array(other), ms, ms, (own, others, higher, lower) => {
        const ahead = workAheadMs({ workMs: own, weight: 1 }, others, higher, { workMs: lower, share: 0.3 });
        const all = others.reduce((sum, { workMs }) => sum + workMs, own + higher + lower);
        expect(ahead).toBeGreaterThanOrEqual(own + higher);
        expect(ahead).toBeLessThanOrEqual(all + 1e-9);
      }),
      { seed: 20_260_202 },
    );
  });
});
