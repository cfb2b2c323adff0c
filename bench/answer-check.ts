import { expectedVector, expectedVectorJson } from '@forebay/testing';
import { textsOf, type Workload } from './workloads.ts';

/** What a look at an answer's body found. */
export type Verdict = 'right' | 'wrong' | 'unchecked';

/** Judges the answer to one request of one connection. Called for every answer, so it passes most of them by. */
export type AnswerCheck = (connection: number, request: number, body: string) => Verdict;

/** One answer in this many is checked where the right one can be computed. */
const EVERY = 10;

/** Each checked vector must have exactly the numbers that the simulated backend stands for. */
export function simulatedCheck(workload: Workload): AnswerCheck {
  let seen = 0;
  return (connection, request, body) => {
    seen += 1;
    if (seen % EVERY !== 0) return 'unchecked';
    const texts = textsOf(workload, connection, request);
    // Nearly always the same bytes; an answer that is only spaced otherwise is right as well.
    if (body === `[${texts.map((text) => expectedVectorJson(text)).join(',')}]`) return 'right';
    return hasExpectedVectors(body, texts) ? 'right' : 'wrong';
  };
}

/** Whether a DJL answer has the numbers that the simulated backend stands for, in any spelling. Parses the whole answer. */
export function hasExpectedVectors(body: string, texts: readonly string[]): boolean {
  const wanted = texts.map((text) => expectedVector(text));
  return sameNumbers(parseVectors(body), wanted);
}

/** Real vectors differ by about 1e-7 from batch to batch, and those of different texts by far more than this. */
const MIN_COSINE = 0.9999;

/** Answers with a known right one must have its vectors, up to rounding; `known` maps {@link requestKey} to them. */
export function referenceCheck(known: ReadonlyMap<string, readonly (readonly number[])[]>): AnswerCheck {
  return (connection, request, body) => {
    const wanted = known.get(requestKey(connection, request));
    if (wanted === undefined) return 'unchecked';
    const vectors = parseVectors(body);
    return vectors !== undefined && sameDirections(vectors, wanted) ? 'right' : 'wrong';
  };
}

/** Whether two lists of vectors are the same up to rounding. */
export function sameDirections(
  vectors: readonly (readonly number[])[],
  wanted: readonly (readonly number[])[],
): boolean {
  return (
    vectors.length === wanted.length &&
    wanted.every((vector, place) => cosine(vector, vectors[place] ?? []) >= MIN_COSINE)
  );
}

/** Names one request of one connection. */
export function requestKey(connection: number, request: number): string {
  return `${connection}/${request}`;
}

/** The vectors of a DJL answer to a list; `undefined` when it is something else. */
export function parseVectors(body: string): number[][] | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const isVector = (item: unknown) => Array.isArray(item) && item.every(Number.isFinite);
    // `as` holds: each item was looked at.
    return Array.isArray(value) && value.every(isVector) ? (value as number[][]) : undefined;
  } catch {
    return undefined; // no JSON, no vectors
  }
}

function sameNumbers(found: number[][] | undefined, wanted: readonly (readonly number[])[]): boolean {
  return (
    found?.length === wanted.length &&
    wanted.every(
      (vector, place) =>
        vector.length === found[place]?.length && vector.every((value, i) => value === found[place]?.[i]),
    )
  );
}

function cosine(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return 0;
  let dot = 0;
  let normA = 0;
  let normB = 0;
  a.forEach((value, i) => {
    const other = b[i] ?? 0;
    dot += value * other;
    normA += value * value;
    normB += other * other;
  });
  return dot / Math.sqrt(normA * normB);
}
