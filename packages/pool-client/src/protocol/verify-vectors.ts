import { toNumbers, type VectorBytes } from './vector-bytes.ts';

export interface VerifyOptions {
  readonly mode: 'fast' | 'full';
  /** Values each vector must have; unknown before a backend's first answer, and then `fast` parses all. */
  readonly dimensions?: number;
  /** Euclidean length of this backend's first vectors; others may have half to twice of it. */
  readonly norm?: number;
  /** Which vector `fast` parses: any integer from 0, taken modulo their number. Vary it. */
  readonly sampleIndex: number;
}

/** `dimensions` and `norm` are those of the vector at `sampleIndex`. */
export type Verification =
  | { readonly kind: 'ok'; readonly dimensions: number; readonly norm: number }
  | {
      readonly kind: 'bad';
      readonly message: string;
      /** Those that are bad, ascending; all others are right. */
      readonly badIndices: readonly number[];
    };

/**
 * Whether the vectors of one answer can be right. Never throws, and never changes its mind about an honest
 * answer: whatever looks strange to `fast` is parsed whole before it is called bad.
 *
 * `full` parses every vector: a flat list of finite numbers, all of the same dimensions, each norm neither
 * zero nor beyond half to twice of `norm`. Costs about 500 to 800 µs for 32 × 384.
 *
 * `fast` parses the one at `sampleIndex` and asks of the others only that no byte stands there that opens a
 * string or an object or occurs in `null`, `NaN`, `Infinity`, `true`, `false` or a page of HTML, and that
 * they are about as long as the parsed one. Costs about 35 µs for 32 × 384 in a list, 45 µs in an OpenAI
 * answer. In the vectors it did not parse it lets through:
 * - a changed, lost or added digit, sign, exponent or decimal point, and a number beyond 1.8e308;
 * - a value lost or too many, an empty place (`1,,2`), a broken number (`1.2.3`), a stray byte that is none
 *   of those;
 * - a norm that is zero or far off, where the digits are as many as in the others;
 * and with `full` alike: vectors in the wrong order, of other texts, or of another model of the same
 * dimensions.
 */
export function verifyVectors(vectors: readonly VectorBytes[], options: VerifyOptions): Verification {
  if (vectors.length === 0) return { kind: 'bad', message: 'No vectors to verify', badIndices: [] };
  // A first answer becomes what later ones are compared with: no sample is enough for that.
  const sampled = options.mode === 'fast' && options.dimensions !== undefined;
  return (sampled ? verifySample(vectors, options) : undefined) ?? verifyAll(vectors, options);
}

/** `undefined` on any suspicion. */
function verifySample(vectors: readonly VectorBytes[], options: VerifyOptions): Verification | undefined {
  const sample = vectors[options.sampleIndex % vectors.length];
  if (sample === undefined) return undefined;
  const measured = measure(sample, options);
  if (measured.kind === 'bad') return undefined;
  const bytes = sample.end - sample.start;
  return vectors.every((vector) => isAlike(vector.end - vector.start, bytes)) && !hasForeignBytes(vectors)
    ? measured
    : undefined;
}

function verifyAll(vectors: readonly VectorBytes[], options: VerifyOptions): Verification {
  let dimensions = options.dimensions;
  let answer: Measurement | undefined;
  let message: string | undefined;
  const badIndices: number[] = [];
  for (const [index, vector] of vectors.entries()) {
    const measured = measure(vector, { ...options, ...(dimensions !== undefined && { dimensions }) });
    if (measured.kind === 'bad') {
      message ??= `Vector ${index} of ${vectors.length} ${measured.message}`;
      badIndices.push(index);
      continue;
    }
    dimensions = measured.dimensions;
    if (answer === undefined || index === options.sampleIndex % vectors.length) answer = measured;
  }
  if (message === undefined && answer?.kind === 'ok') return answer;
  return { kind: 'bad', message: message ?? 'No vectors to verify', badIndices };
}

type Measurement =
  | { readonly kind: 'ok'; readonly dimensions: number; readonly norm: number }
  | { readonly kind: 'bad'; readonly message: string };

/** Parses one vector; a bad one's message completes "Vector 3 of 32 …". */
function measure(vector: VectorBytes, { dimensions, norm }: VerifyOptions): Measurement {
  const values = parse(vector);
  if (values === undefined) return { kind: 'bad', message: 'is no flat list of numbers' };
  let squares = 0;
  for (const value of values) {
    if (typeof value !== 'number') return { kind: 'bad', message: 'is no flat list of numbers' };
    squares += value * value;
  }
  if (values.length !== (dimensions ?? values.length) || values.length === 0) {
    const expected = dimensions === undefined ? 'at least 1' : dimensions;
    return { kind: 'bad', message: `has ${values.length} dimensions, expected ${expected}` };
  }
  const length = Math.sqrt(squares);
  // Not finite: a value is not, or is beyond 1e154, which no embedding holds.
  if (!Number.isFinite(length) || length === 0) return { kind: 'bad', message: `has the norm ${length}` };
  if (norm !== undefined && (length < norm / 2 || length > norm * 2)) {
    return { kind: 'bad', message: `has the norm ${length}, expected ${norm / 2} to ${norm * 2}` };
  }
  return { kind: 'ok', dimensions: values.length, norm: length };
}

function parse(vector: VectorBytes): readonly unknown[] | undefined {
  try {
    const values: unknown = toNumbers(vector);
    return Array.isArray(values) ? values : undefined;
  } catch {
    return undefined; // whatever the bytes are, they are no JSON
  }
}

/**
 * Lengths of honest vectors of one model differ by a few percent (one value of 384 is 0.3 %, so a missing one
 * can't be seen): a quarter never troubles them, and stops a vector that was cut off.
 */
function isAlike(bytes: number, sampleBytes: number): boolean {
  return bytes * 4 >= sampleBytes * 3 && bytes * 3 <= sampleBytes * 4;
}

const QUOTE = 0x22;
/** Each of null, NaN, Infinity, true, false, `{}` and `<html>` has one of them, no number has. */
const FOREIGN_BYTES: readonly number[] = [...'ant{'].map((letter) => letter.charCodeAt(0));

/**
 * One native search for each foreign byte over the whole stretch, or for each vector where names stand
 * between them.
 */
function hasForeignBytes(vectors: readonly VectorBytes[]): boolean {
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const vector of vectors) {
    start = Math.min(start, vector.start);
    end = Math.max(end, vector.end);
  }
  const stretch = vectors[0]?.source.subarray(start, end);
  if (stretch?.includes(QUOTE) === false) return hasAny(stretch, FOREIGN_BYTES);
  return vectors.some((vector) => {
    const own = vector.source.subarray(vector.start, vector.end);
    return own.includes(QUOTE) || hasAny(own, FOREIGN_BYTES);
  });
}

function hasAny(bytes: Buffer, wanted: readonly number[]): boolean {
  return wanted.some((byte) => bytes.includes(byte));
}
