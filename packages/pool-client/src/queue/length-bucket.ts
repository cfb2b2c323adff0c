/** Shorter chunks are alike: what a model adds to every text outweighs their differences. */
const SHORTEST = 32;

/**
 * Chunks of like length share a bucket: half octaves, so that the longest of one is at most 1.5 times its shortest. A text of
 * a billion characters is in bucket 49.
 */
export function lengthBucket(characters: number): number {
  if (characters < SHORTEST) return 0;
  const octave = 31 - Math.clz32(characters);
  const upperHalf = (characters >> (octave - 1)) & 1;
  return 2 * (octave - 5) + upperHalf;
}

/** Buckets there can be. */
export const LENGTH_BUCKETS = 54;
