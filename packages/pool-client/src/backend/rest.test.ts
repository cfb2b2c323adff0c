import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rest } from './rest.ts';

const SEED = { seed: 20_260_121 };
const NOW_MS = 10_000;

/** How long the last of so many rests is that begin one after the other, each when the one before is over. */
function lastMs(rests: number, drawn: number, askedMs?: number): number {
  const rest = new Rest(() => drawn);
  let nowMs = NOW_MS;
  let ms = 0;
  for (let i = 0; i < rests; i += 1) {
    rest.begin(nowMs, askedMs);
    ms = rest.untilMs - nowMs;
    nowMs = rest.untilMs;
  }
  return ms;
}

describe('Rest', () => {
  it('keeps no work away before it begins', () => {
    expect(new Rest(() => 0.5).untilMs).toBe(Number.NEGATIVE_INFINITY);
  });

  it.each([
    [1, 25, 50],
    [2, 50, 100],
    [3, 100, 200],
    [4, 200, 400],
    [5, 250, 500],
    [6, 250, 500],
    [100, 250, 500],
  ])(
    'of the pool’s own choice is half to the whole of a doubled delay: number %i from %i to %i ms',
    (rests, least, most) => {
      expect([lastMs(rests, 0), lastMs(rests, 1)]).toEqual([least, most]);
    },
  );

  it.each([
    ['as long as the backend asks', 1, 700, 700],
    ['half a minute at most, whatever it asks', 1, 86_400_000, 30_000],
    ['no shorter than of our own choice where it asks for nothing', 1, 0, 50],
    ['no shorter than of our own choice where it asks for little', 5, 100, 500],
  ])('is %s', (_fact, rests, askedMs, ms) => {
    expect(lastMs(rests, 1, askedMs)).toBe(ms);
  });

  it('is not cut short by a shorter one that begins in it', () => {
    const rest = new Rest(() => 1);
    rest.begin(NOW_MS, 5_000);
    rest.begin(NOW_MS + 100, undefined);
    expect(rest.untilMs).toBe(NOW_MS + 5_000);
  });

  it('is over at a good answer, and the next is as short as the first', () => {
    const rest = new Rest(() => 1);
    for (let i = 0; i < 4; i += 1) rest.begin(NOW_MS, 20_000);
    rest.end();
    expect(rest.untilMs).toBe(Number.NEGATIVE_INFINITY);
    rest.begin(NOW_MS, undefined);
    expect(rest.untilMs).toBe(NOW_MS + 50);
  });

  it('never ends before it began nor after half a minute, and never moves back', () => {
    const begins = fc.array(
      fc.record({
        laterMs: fc.nat(5_000),
        askedMs: fc.option(fc.nat(100_000), { nil: undefined }),
        drawn: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(begins, (list) => {
        let drawn = 0;
        const rest = new Rest(() => drawn);
        let nowMs = NOW_MS;
        for (const begin of list) {
          nowMs += begin.laterMs;
          drawn = begin.drawn;
          const before = rest.untilMs;
          rest.begin(nowMs, begin.askedMs);
          expect(rest.untilMs).toBeGreaterThanOrEqual(Math.max(before, nowMs + 25));
          expect(rest.untilMs).toBeLessThanOrEqual(nowMs + 30_000);
        }
      }),
      SEED,
    );
  });
});
