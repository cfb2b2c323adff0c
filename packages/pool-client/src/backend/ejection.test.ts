import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EJECTION_MS,
  type Evidence,
  ejectionMs,
  PROBE_AGAIN_MS,
  probeAgainMs,
  whyEject,
} from './ejection.ts';

const SEED = { seed: 20_260_120 };

const seen = (given: Partial<Evidence>): Evidence => ({
  inARow: 0,
  batches: 0,
  failures: 0,
  othersServing: 1,
  othersFailureShare: 0,
  ...given,
});

const share = fc.double({ min: 0, max: 1, noNaN: true });

/** What can be seen of a backend: no more failures than batches, no more in a row than failed. */
const evidence = fc
  .record({
    batches: fc.nat(40),
    failed: share,
    row: share,
    othersServing: fc.nat(50),
    othersFailureShare: share,
  })
  .map(({ batches, failed, row, ...others }) => {
    const failures = Math.round(batches * failed);
    return { batches, failures, inARow: Math.round(failures * row), ...others };
  });

describe('whyEject', () => {
  it.each<[string, Partial<Evidence>, string | undefined]>([
    ['2 in a row are chance', { inARow: 2, batches: 2, failures: 2 }, undefined],
    ['3 in a row are none', { inARow: 3, batches: 3, failures: 3 }, 'its last 3 batches failed'],
    [
      '3 in a row eject though the others fail as well',
      { inARow: 3, batches: 9, failures: 9, othersFailureShare: 1 },
      'its last 3 batches failed',
    ],
    ['half of them may fail', { batches: 10, failures: 5 }, undefined],
    ['more than half may not', { batches: 10, failures: 6 }, '6 of its last 10 batches failed'],
    ['4 batches tell nothing', { batches: 4, failures: 3, inARow: 2 }, undefined],
    ['5 batches tell', { batches: 5, failures: 3 }, '3 of its last 5 batches failed'],
    ['a third of the others is no outlier', { batches: 10, failures: 8, othersFailureShare: 0.3 }, undefined],
    [
      'three times as often as the other is one',
      { batches: 8, failures: 6, othersFailureShare: 0.25 },
      '6 of its last 8 batches failed',
    ],
  ])('of 2 backends: %s', (_fact, given, why) => {
    expect(whyEject(seen(given))).toBe(why);
  });

  it.each<[string, Partial<Evidence>, string | undefined]>([
    ['4 in a row are borne', { inARow: 4, batches: 4, failures: 4 }, undefined],
    ['5 in a row eject', { inARow: 5, batches: 5, failures: 5 }, 'its last 5 batches failed'],
    ['no share does', { inARow: 4, batches: 100, failures: 99 }, undefined],
  ])('of 1 backend: %s', (_fact, given, why) => {
    expect(whyEject(seen({ othersServing: 0, ...given }))).toBe(why);
  });

  it.each<[string, number, Partial<Evidence>, string | undefined]>([
    ['a quarter may fail', 5, { batches: 12, failures: 3 }, undefined],
    ['more than a quarter may not', 5, { batches: 10, failures: 3 }, '3 of its last 10 batches failed'],
    ['9 batches tell nothing', 5, { batches: 9, failures: 6, inARow: 2 }, undefined],
    [
      '1 of 100 by the others leaves 3 of 10 an outlier',
      5,
      { batches: 10, failures: 3, othersFailureShare: 0.01 },
      '3 of its last 10 batches failed',
    ],
    ['when all fail alike none goes', 5, { batches: 10, failures: 4, othersFailureShare: 0.4 }, undefined],
    ['3 in a row eject', 5, { inARow: 3, batches: 50, failures: 3 }, 'its last 3 batches failed'],
    ['a quarter may fail', 50, { batches: 12, failures: 3 }, undefined],
    ['more than a quarter may not', 50, { batches: 10, failures: 3 }, '3 of its last 10 batches failed'],
    [
      'a small share of the others counts',
      50,
      { batches: 10, failures: 3, othersFailureShare: 0.11 },
      undefined,
    ],
    ['3 in a row eject', 50, { inARow: 3, batches: 50, failures: 3 }, 'its last 3 batches failed'],
    ['fewer than 4 others are few', 4, { batches: 10, failures: 5 }, undefined],
  ])('of many backends: %s (%i)', (_fact, backends, given, why) => {
    expect(whyEject(seen({ othersServing: backends - 1, ...given }))).toBe(why);
  });

  it('never ejects by a share of failures when no other serves', () => {
    fc.assert(
      fc.property(evidence, (given) => {
        const why = whyEject({ ...given, othersServing: 0 });
        expect(why !== undefined).toBe(given.inARow >= 5);
      }),
      SEED,
    );
  });

  it('ejects only outliers by a share of failures', () => {
    fc.assert(
      fc.property(evidence, (given) => {
        fc.pre(given.inARow < 3);
        if (whyEject(given) === undefined) return;
        const own = given.failures / given.batches;
        expect(own).toBeGreaterThan(0.25);
        expect(own).toBeGreaterThanOrEqual(3 * given.othersFailureShare);
        expect(given.batches).toBeGreaterThanOrEqual(5);
      }),
      { ...SEED, numRuns: 1_000 },
    );
  });

  it('ejects none whose every failure is shared by the others', () => {
    fc.assert(
      fc.property(evidence, (given) => {
        fc.pre(given.inARow < 3 && given.failures > 0);
        expect(whyEject({ ...given, othersFailureShare: given.failures / given.batches })).toBeUndefined();
      }),
      SEED,
    );
  });

  it('never lets a backend serve on that fails more often, all else equal', () => {
    fc.assert(
      fc.property(evidence, (given) => {
        fc.pre(whyEject(given) !== undefined);
        expect(whyEject({ ...given, failures: Math.min(given.batches, given.failures + 1) })).toBeDefined();
        expect(whyEject({ ...given, inARow: given.inARow + 1 })).toBeDefined();
      }),
      { ...SEED, numRuns: 1_000 },
    );
  });
});

describe('ejectionMs', () => {
  const times = fc.integer({ min: 1, max: 2_000 });
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [4, 8_000],
    [5, 15_000],
    [6, 15_000],
    [1_000, 15_000],
  ])('is doubled each time up to the longest: after %i %i ms', (count, ms) => {
    expect(ejectionMs(count, () => 0.5)).toBe(ms);
  });

  it('is drawn from a quarter less to a quarter more', () => {
    fc.assert(
      fc.property(times, chance, (count, drawn) => {
        const middleMs = ejectionMs(count, () => 0.5);
        const ms = ejectionMs(count, () => drawn);
        expect(ms).toBeGreaterThanOrEqual(0.75 * middleMs);
        expect(ms).toBeLessThanOrEqual(1.25 * middleMs);
        expect(ms).toBeCloseTo(middleMs * (0.75 + 0.5 * drawn), 6);
      }),
      SEED,
    );
  });

  it('is never shorter than that of fewer times by the same chance, nor longer than the longest and a quarter', () => {
    fc.assert(
      fc.property(times, times, chance, (a, b, drawn) => {
        const [fewer, more] = [Math.min(a, b), Math.max(a, b)].map((count) => ejectionMs(count, () => drawn));
        expect(more).toBeGreaterThanOrEqual(fewer as number); // two counts are two times
        expect(more).toBeLessThanOrEqual(EJECTION_MS.longest * 1.25);
      }),
      SEED,
    );
  });
});

describe('probeAgainMs', () => {
  it.each([
    [0, 0.75],
    [0.5, 1],
    [1, 1.25],
  ])('is scattered too: at %d it is %d of the usual time', (drawn, factor) => {
    expect(probeAgainMs(() => drawn)).toBe(PROBE_AGAIN_MS * factor);
  });
});
