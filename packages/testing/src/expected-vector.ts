import { mix32, type TextHash, textHash } from './text-hash.ts';
import { SEGMENT_CHOICES, type VectorSegment, vectorSegments } from './vector-segments.ts';

/** Whose vector it is. */
export type VectorOrigin = {
  /** @default 'all-MiniLM-L6-v2' */
  readonly model?: string;
  /** @default 384 */
  readonly dimensions?: number;
};

/**
 * The one vector that a simulated backend answers for `text`: of norm 1, different for another text or model (cosine
 * about 0), and exactly what `JSON.parse` reads from its answer.
 *
 * @example
 * expectedVector('hello').length; // 384
 */
export function expectedVector(text: string, origin: VectorOrigin = {}): number[] {
  return segmentsOf(text, origin).flatMap((segment) => segment.numbers);
}

/** The same vector as the text that stands in a DJL answer, brackets included. */
export function expectedVectorJson(text: string, origin: VectorOrigin = {}): string {
  return `[${segmentsOf(text, origin)
    .map((segment) => segment.json.toString('latin1'))
    .join(',')}]`;
}

/** The segments of a text's vector in order: which one stands at each place follows from the hash of model and text. */
export function segmentsOf(
  text: string,
  { model = 'all-MiniLM-L6-v2', dimensions = 384 }: VectorOrigin,
): VectorSegment[] {
  const { high, low } = textHash(text, seedOf(model));
  return vectorSegments(dimensions).map((choices, place) => {
    const choice = mix32(high ^ mix32(low + Math.imul(place, 0x9e3779b9))) & (SEGMENT_CHOICES - 1);
    return choices[choice] as VectorSegment; // there are SEGMENT_CHOICES of them, and the mask keeps below
  });
}

const seeds = new Map<string, TextHash>();

function seedOf(model: string): TextHash {
  const seed = seeds.get(model) ?? textHash(model);
  seeds.set(model, seed);
  return seed;
}
