/**
 * A generator of numbers from 0 (included) to 1 (excluded) that gives the same row for the same `seed` (mulberry32: only the
 * low 32 bits of the seed count). Good for tests, not for secrets.
 *
 * @example
 * const random = seededRandom(42);
 * random(); // 0.6011037519201636
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
