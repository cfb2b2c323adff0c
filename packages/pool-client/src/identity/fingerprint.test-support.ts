import { shortCanaries } from './canary-texts.ts';
import { type Fingerprint, fingerprintOf } from './fingerprint.ts';

/** A vector of norm 1 that has the cosine `cosine` with the one of cosine 1. */
export function leaning(cosine: number): number[] {
  return [cosine, Math.sqrt(1 - cosine * cosine), 0];
}

/** What a test says of a fingerprint; the rest is of norm 1 and all alike. */
export function fingerprint(given: Partial<Fingerprint> = {}): Fingerprint {
  const { short = shortCanaries.map(() => leaning(1)), long = leaning(1) } = given;
  return fingerprintOf(short, long);
}

/** How model `model`, one of 0 to 2, embeds where it cuts long texts in one of three ways; other models are at right angles. */
export function fingerprintOfModel(model: number, cut: number | 'refused' = 0): Fingerprint {
  const axis = (index: number) => Array.from({ length: 9 }, (_, i) => (i === index ? 1 : 0));
  const long = cut === 'refused' ? cut : axis(model * 3 + cut);
  return fingerprintOf(
    shortCanaries.map(() => axis(model * 3)),
    long,
  );
}
