import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchLimit, lineAt } from './batch-limit.ts';

describe('batchLimit', () => {
  it.each([
    ['a GPU of 6 + 0.22·n ms by time, where more than that is allowed', 6, 0.22, 4_096, 427],
    ['a GPU at the usual most', 6, 0.22, 256, 256],
    ['a CPU of 2 + 1.6·n ms by its fixed cost', 2, 1.6, 256, 23],
    ['a slow backend by 100 ms', 20, 10, 256, 8],
    ['one whose fixed cost is lost in the scatter as if it had 2 ms', 0, 1.6, 256, 23],
    ['one of slow chunks at least 8', 0, 10, 256, 8],
    ['one that takes longer than 100 ms for nothing at least 8', 500, 10, 256, 8],
    ['one whose entry allows less than 8 what it allows', 0, 10, 2, 2],
    ['one whose chunks cost nothing what its entry allows', 5, 0, 64, 64],
  ])('holds %s', (_fact, baseMs, perChunkMs, most, expected) => {
    expect(batchLimit({ baseMs, perChunkMs }, most)).toBe(expected);
  });

  it('is a whole number from 1 to the most, and from 8 where that is more', () => {
    const ms = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(ms, ms, fc.integer({ min: 1, max: 4_096 }), (baseMs, perChunkMs, most) => {
        const limit = batchLimit({ baseMs, perChunkMs }, most);
        expect(Number.isInteger(limit)).toBe(true);
        expect(limit).toBeGreaterThanOrEqual(Math.min(8, most));
        expect(limit).toBeLessThanOrEqual(most);
      }),
      { seed: 20_260_104 },
    );
  });
});

describe('lineAt', () => {
  it('adds what the length costs to each chunk', () => {
    const line = lineAt({ baseMs: 5, perChunkMs: 1, perKilocharacterMs: 9 }, 500);
    expect(line).toEqual({ baseMs: 5, perChunkMs: 5.5 });
  });
});
