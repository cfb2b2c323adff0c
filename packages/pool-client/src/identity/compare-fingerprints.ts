import { longCanary, shortCanaries } from './canary-texts.ts';
import type { Fingerprint } from './fingerprint.ts';

/**
 * Least cosine of two vectors of one text by one model. all-MiniLM-L6-v2 with weights in fp16 has at least 0.99999 over each canary, in
 * bf16 0.99994; in int8 with a scale for each row 0.9985 over the least alike of them.
 */
export const MIN_COSINE = 0.999;

/** What was found; `cosine` is the least of all canaries, and missing where vectors can't be compared at all. */
export type FingerprintVerdict =
  | { readonly kind: 'same'; readonly cosine: number }
  | {
      readonly kind: 'different';
      readonly cosine?: number;
      /** For people, and completes "gpu-2 …": what differs from whom, by how much, and what that looks like. */
      readonly message: string;
    };

/** Norms that are further apart, in either direction, are not of the same normalisation. */
const MAX_NORM_RATIO = 1.05;
/** Of another precision or of weights trained a little further are vectors that are no less alike than this. */
const NEAR_COSINE = 0.95;
/** Over the long canary a lower precision gets no further than this. */
const NEAR_LONG_COSINE = 0.99;

/**
 * Whether two backends embed alike, so that their vectors may stand in one index; the same with the two exchanged, but for the message.
 * `referenceName` is whom the message compares with. Costs about 10 µs for 384 dimensions.
 */
export function compareFingerprints(
  fingerprint: Fingerprint,
  reference: Fingerprint,
  referenceName: string,
): FingerprintVerdict {
  const different = (what: string, cosine?: number): FingerprintVerdict => ({
    kind: 'different',
    ...(cosine !== undefined && { cosine }),
    message: `embeds unlike ${referenceName}: ${what}`,
  });
  if (fingerprint.dimensions !== reference.dimensions) {
    return different(`${fingerprint.dimensions} dimensions against ${reference.dimensions}`);
  }
  const short = shortCanaries.map((_, index) =>
    likeness(fingerprint.short[index] ?? [], reference.short[index] ?? []),
  );
  const long =
    fingerprint.long === 'refused' || reference.long === 'refused'
      ? undefined
      : likeness(fingerprint.long, reference.long);
  const cosines = short.map(({ cosine }) => cosine);
  const shortCosine = Math.min(...cosines);
  const least = Math.min(shortCosine, long?.cosine ?? 1);
  const unlike = (cosine: number) => !(cosine >= MIN_COSINE); // NaN is unlike too
  if (unlike(shortCosine)) return different(describeShort(cosines), least);
  const rescaled = short.find(isRescaled);
  if (rescaled) return different(describeNorms(rescaled), least);
  if (long && (unlike(long.cosine) || isRescaled(long))) return different(describeLong(long), least);
  return { kind: 'same', cosine: least };
}

/** Whether two vectors of one text may come from one model. */
export function areAlike(vector: readonly number[], reference: readonly number[]): boolean {
  const found = likeness(vector, reference);
  return found.cosine >= MIN_COSINE && !isRescaled(found);
}

interface Likeness {
  readonly cosine: number;
  readonly norm: number;
  readonly referenceNorm: number;
}

function likeness(vector: readonly number[], reference: readonly number[]): Likeness {
  let [dot, squares, referenceSquares] = [0, 0, 0];
  for (let i = 0; i < reference.length; i += 1) {
    const [value, other] = [vector[i] ?? 0, reference[i] ?? 0];
    dot += value * other;
    squares += value * value;
    referenceSquares += other * other;
  }
  const [norm, referenceNorm] = [Math.sqrt(squares), Math.sqrt(referenceSquares)];
  // Rounding must not take a vector beyond being like itself.
  return { cosine: Math.min(1, dot / (norm * referenceNorm)), norm, referenceNorm };
}

function isRescaled({ norm, referenceNorm }: Likeness): boolean {
  return norm > referenceNorm * MAX_NORM_RATIO || referenceNorm > norm * MAX_NORM_RATIO;
}

/** The first of the short canaries is the plainest: where that one is alike, the texts were read differently. */
function describeShort(cosines: readonly number[]): string {
  const least = Math.min(...cosines);
  const text = shortCanaries[cosines.indexOf(least)] ?? '';
  const looksLike =
    least >= NEAR_COSINE
      ? 'other weights or precision'
      : (cosines[0] ?? 0) >= MIN_COSINE
        ? 'another tokenizer (case, accents?)'
        : 'another model, pooling or prompt';
  return `${shown(least)} over "${beginning(text)}" (at least ${MIN_COSINE}), as of ${looksLike}`;
}

function describeNorms({ norm, referenceNorm }: Likeness): string {
  return `not normalised alike: norm ${norm.toPrecision(3)} against ${referenceNorm.toPrecision(3)}`;
}

function describeLong(long: Likeness): string {
  const what = long.cosine >= NEAR_LONG_COSINE ? 'other truncation or precision' : 'other truncation';
  const measure = isRescaled(long)
    ? `${shown(long.cosine)}, norm ${long.norm.toPrecision(3)} against ${long.referenceNorm.toPrecision(3)},`
    : shown(long.cosine);
  return `${what}: equal on short texts, ${measure} on one of ${LONG_WORDS} words (at least ${MIN_COSINE}; maxLength?)`;
}

const LONG_WORDS = longCanary.split(' ').length;

/** Rounded down, so that what is too little never reads as enough. */
function shown(cosine: number): string {
  return `cosine ${(Math.floor(cosine * 1_000) / 1_000).toFixed(3)}`;
}

const SHOWN_CHARACTERS = 20;

function beginning(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS).trimEnd()} …`;
}
