/** What we say ourselves of an answer; whatever else follows its status is the backend's. */
const OURS = /^HTTP \d{3}(?:: Expected \d+ vectors, (?:got \d+|item \d+ has none|none has index \d+)$)?/;

/**
 * A backend's problem without the backend's own words: those may quote the text of a caller, and only that caller may read them.
 * Its status stays, and what is ours: no connection, no answer in time, wrong vectors.
 */
export function withoutQuotes(problem: string): string {
  return OURS.exec(problem)?.[0] ?? problem;
}
