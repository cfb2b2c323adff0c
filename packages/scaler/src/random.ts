/** Chance as an argument: a number from 0 (included) to 1 (excluded). Tests pass a seeded one. */
export type Random = () => number;

/** The machine's own generator. */
export const systemRandom: Random = Math.random;
