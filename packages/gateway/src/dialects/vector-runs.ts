import type { VectorBytes } from '@forebay/pool-client';

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
/** A gap between neighbours is `,` or `, `; a longer one is not worth looking through. */
const LONGEST_GAP_BYTES = 16;

/**
 * The vectors as bytes to forward, with a comma between them: vectors that lie next to each other in one
 * answer become one piece of it, uncopied. A request answered by one batch is a single piece. `null` stands where a vector is missing.
 */
export function vectorRuns(vectors: readonly (VectorBytes | undefined)[]): Buffer[] {
  const parts: Buffer[] = [];
  const add = (part: Buffer) => (parts.length === 0 ? parts.push(part) : parts.push(COMMA_PART, part));
  let run: VectorBytes | undefined;
  for (const vector of vectors) {
    if (run !== undefined && vector !== undefined && continues(run, vector)) {
      run = { source: run.source, start: run.start, end: vector.end };
      continue;
    }
    if (run !== undefined) add(vectorPart(run));
    if (vector === undefined) add(NULL_PART);
    run = vector;
  }
  if (run !== undefined) add(vectorPart(run));
  return parts;
}

/**
 * The vectors as one JSON list. Where they are a whole answer, or all that stands between its outer brackets, that is one
 * piece of it, uncopied.
 */
export function vectorList(vectors: readonly (VectorBytes | undefined)[]): Buffer[] {
  const runs = vectorRuns(vectors);
  const [first, last] = [vectors[0], vectors.at(-1)];
  if (runs.length === 1 && first && last) {
    const { source } = first;
    const [start, end] = [first.start - 1, last.end];
    if (source[start] === OPEN && source[end] === CLOSE) return [source.subarray(start, end + 1)];
  }
  return [OPEN_PART, ...runs, CLOSE_PART];
}

/** The bytes of one vector, brackets included, uncopied; `null` for a missing one. */
export function vectorPart(vector: VectorBytes | undefined): Buffer {
  return vector === undefined ? NULL_PART : vector.source.subarray(vector.start, vector.end);
}

const NULL_PART = Buffer.from('null');
const COMMA_PART = Buffer.from(',');
const OPEN_PART = Buffer.from('[');
const CLOSE_PART = Buffer.from(']');

/** Whether only one comma and white space lie between `before` and `next`. */
function continues(before: VectorBytes, next: VectorBytes): boolean {
  const gapBytes = next.start - before.end;
  if (before.source !== next.source || gapBytes < 1 || gapBytes > LONGEST_GAP_BYTES) return false;
  let commas = 0;
  for (let at = before.end; at < next.start; at += 1) {
    const byte = before.source[at];
    if (byte === COMMA) commas += 1;
    else if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return false;
  }
  return commas === 1;
}
