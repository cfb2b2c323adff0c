/** One embedding as its backend wrote it: the bytes of a flat JSON array of numbers, brackets included. */
export interface VectorBytes {
  /** The whole answer; several vectors share it. */
  readonly source: Buffer;
  /** Offset of `[`. */
  readonly start: number;
  /** Offset just after `]`. */
  readonly end: number;
}

/**
 * The vector as numbers; throws what `JSON.parse` throws for bytes that were not verified. Costs about 17 µs
 * for 384 dimensions.
 */
export function toNumbers(vector: VectorBytes): number[] {
  return JSON.parse(vector.source.toString('latin1', vector.start, vector.end)) as number[];
}

/** The vector rounded to single precision. */
export function toFloat32(vector: VectorBytes): Float32Array {
  return Float32Array.from(toNumbers(vector));
}
