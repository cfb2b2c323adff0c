import { javaFloat } from './java-float.ts';
import { seededRandom } from './seeded-random.ts';

/** One piece of a vector in the forms that answers need, made once and copied ever after. */
export type VectorSegment = {
  readonly numbers: readonly number[];
  /** The numbers with commas between, without brackets. */
  readonly json: Buffer;
  /** The numbers as little-endian 32-bit floats. */
  readonly floats: Buffer;
};

/** How many segments there are to choose from at each place of a vector; a power of two. */
export const SEGMENT_CHOICES = 256;

/**
 * The places of a vector of `dimensions` numbers, each with its `SEGMENT_CHOICES` segments. A segment of k numbers always
 * has the norm √(k / dimensions), so every choice gives a vector of norm 1. Made at the first call for
 * these dimensions (about 10 ms), then kept.
 */
export function vectorSegments(dimensions: number): readonly (readonly VectorSegment[])[] {
  const known = tables.get(dimensions);
  if (known) return known;
  // Short vectors are cut finer, so that they have as many places to differ in as can be.
  const length = dimensions >= 128 ? 16 : 4;
  const full = segments(length, dimensions);
  const places = Array.from({ length: Math.floor(dimensions / length) }, () => full);
  const rest = dimensions % length;
  const table = rest === 0 ? places : [...places, segments(rest, dimensions)];
  tables.set(dimensions, table);
  return table;
}

const tables = new Map<number, readonly (readonly VectorSegment[])[]>();

function segments(length: number, dimensions: number): readonly VectorSegment[] {
  const random = seededRandom(length * 65_537 + dimensions);
  const norm = Math.sqrt(length / dimensions);
  return Array.from({ length: SEGMENT_CHOICES }, () => segment(direction(length, random), norm));
}

/** Gaussian coordinates: spread like a real embedding's, with now and then one small enough to need an exponent. */
function direction(length: number, random: () => number): readonly number[] {
  return Array.from(
    { length },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

function segment(coordinates: readonly number[], norm: number): VectorSegment {
  const scale = norm / Math.hypot(...coordinates);
  const texts = coordinates.map((coordinate) => javaFloat(coordinate * scale));
  const numbers = texts.map(Number);
  return { numbers, json: Buffer.from(texts.join(',')), floats: floatBytes(numbers) };
}

/** Numbers as little-endian 32-bit floats, the form that base64 answers carry. */
export function floatBytes(numbers: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(numbers.length * 4);
  for (const [i, number] of numbers.entries()) bytes.writeFloatLE(number, i * 4);
  return bytes;
}
