import { type AnswerCheck, parseVectors, requestKey, sameDirections } from '../answer-check.ts';

/** One later answer in this many is compared. */
const EVERY = 10;

/**
 * Judges answers whose right ones nobody knows: the first to each request must hold a vector for each of its texts and becomes the measure,
 * later ones must be the same up to rounding. A vector that went to another text, or another replica's other model, shows.
 */
export function repeatCheck(textsPerRequest: number): AnswerCheck {
  const first = new Map<string, readonly (readonly number[])[]>();
  let seen = 0;
  return (connection, request, body) => {
    const key = requestKey(connection, request);
    const wanted = first.get(key);
    seen += 1;
    if (wanted !== undefined && seen % EVERY !== 0) return 'unchecked';
    const vectors = parseVectors(body);
    if (vectors?.length !== textsPerRequest || vectors.some(({ length }) => length === 0)) return 'wrong';
    if (wanted !== undefined) return sameDirections(vectors, wanted) ? 'right' : 'wrong';
    first.set(key, vectors);
    return 'right';
  };
}
