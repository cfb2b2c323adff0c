import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortCanaries } from './canary-texts.ts';
import { compareFingerprints } from './compare-fingerprints.ts';
import { fingerprint, leaning } from './fingerprint.test-support.ts';
import type { Fingerprint } from './fingerprint.ts';

const all = (vector: readonly number[]) => shortCanaries.map(() => vector);
const only = (at: number, vector: readonly number[]) =>
  shortCanaries.map((_, index) => (index === at ? vector : leaning(1)));
const scaled = (factor: number) => leaning(1).map((value) => value * factor);

const SAME: readonly [string, Partial<Fingerprint>, number][] = [
  ['as it does', {}, 1],
  ['a little off, as fp16 does', { short: all(leaning(0.9995)), long: leaning(0.9992) }, 0.9992],
  ['longer or shorter by less than 5 %', { short: all(scaled(1.04)), long: scaled(0.96) }, 1],
  ['and refuses long texts', { long: 'refused' }, 1],
];

const DIFFERENT: readonly [string, Partial<Fingerprint>, string][] = [
  ['dimensions', { short: all([1, 0]) }, '2 dimensions against 3'],
  [
    'model',
    { short: all(leaning(0.4129)) },
    'cosine 0.412 over "The quick brown fox …" (at least 0.999), as of another model, pooling or prompt',
  ],
  [
    'direction',
    { short: only(1, leaning(-0.25)), long: leaning(0.1) },
    'cosine -0.250 over "Polish workers polis …" (at least 0.999), as of another tokenizer (case, accents?)',
  ],
  [
    'precision, as int8 does',
    { short: all(leaning(0.9899)) },
    'cosine 0.989 over "The quick brown fox …" (at least 0.999), as of other weights or precision',
  ],
  [
    'precision by a hair, which is not rounded to enough',
    { short: all(leaning(0.99899)) },
    'cosine 0.998 over "The quick brown fox …" (at least 0.999), as of other weights or precision',
  ],
  ['normalisation', { short: all(scaled(5.61)) }, 'not normalised alike: norm 5.61 against 1.00'],
  ['normalisation downwards', { short: all(scaled(0.9)) }, 'not normalised alike: norm 0.900 against 1.00'],
  [
    'truncation',
    { long: leaning(0.9301) },
    'other truncation: equal on short texts, cosine 0.930 on one of 768 words (at least 0.999; maxLength?)',
  ],
  [
    'truncation by little, or precision',
    { long: leaning(0.9965) },
    'other truncation or precision: equal on short texts, cosine 0.996 on one of 768 words (at least 0.999; maxLength?)',
  ],
  [
    'the norm of long texts alone',
    { long: scaled(0.5) },
    'other truncation or precision: equal on short texts, cosine 1.000, norm 0.500 against 1.00, on one of 768 words (at least 0.999; maxLength?)',
  ],
];

describe('two fingerprints', () => {
  it.each(SAME)('are the same where one embeds %s', (_how, given, cosine) => {
    expect(compareFingerprints(fingerprint(given), fingerprint(), 'gpu-1')).toEqual({
      kind: 'same',
      cosine: expect.closeTo(cosine, 9),
    });
  });

  it.each(DIFFERENT)('differ in %s', (_what, given, message) => {
    const verdict = compareFingerprints(fingerprint(given), fingerprint(), 'gpu-1');
    expect(verdict).toMatchObject({ kind: 'different', message: `embeds unlike gpu-1: ${message}` });
  });

  it('differ where there are no numbers to compare', () => {
    const empty = fingerprint({ short: all([0, 0, 0]) });
    expect(compareFingerprints(empty, fingerprint(), 'gpu-1').kind).toBe('different');
  });

  it('tell the least cosine of all canaries, the long one among them', () => {
    const given = fingerprint({ short: only(3, leaning(0.98)), long: leaning(0.5) });
    expect(compareFingerprints(given, fingerprint(), 'gpu-1')).toMatchObject({
      kind: 'different',
      cosine: expect.closeTo(0.5, 9),
    });
  });

  it('are as alike with the two exchanged, and each is like itself', () => {
    const cosines = fc.oneof(fc.double({ min: 0.9, max: 1, noNaN: true }), fc.constant(1));
    const vectors = fc
      .tuple(cosines, fc.constantFrom(1, 1.02, 1.2))
      .map(([cosine, norm]) => leaning(cosine).map((value) => value * norm));
    const fingerprints = fc
      .record({
        short: fc.array(vectors, { minLength: shortCanaries.length, maxLength: shortCanaries.length }),
        long: fc.oneof(vectors, fc.constant('refused' as const)),
      })
      .map(fingerprint);
    fc.assert(
      fc.property(fingerprints, fingerprints, (one, other) => {
        const { kind, cosine } = compareFingerprints(one, other, 'a');
        const back = compareFingerprints(other, one, 'b');
        expect([back.kind, back.cosine]).toEqual([kind, cosine]);
        expect(compareFingerprints(one, one, 'a').kind).toBe('same');
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
