import type { VectorBytes } from '@forebay/pool-client';

const COMMA = 0x2c;
/** A gap between neighbours is `,` or `, `; a longer one is not worth looking through. */
const LONGEST_GAP_BYTES = 16;

/**
 * The vectors as bytes to forward, with a comma between them: vectors that lie next to each other in one
 * answer become one piece of it, uncopied. A request answered by one batch is a single piece.
 */
export function vectorRuns(vectors: readonly VectorBytes[]): Buffer[] {
  const parts: Buffer[] = [];
  let run: VectorBytes | undefined;
  for (const vector of vectors) {
    if (run !== undefined && continues(run, vector)) {
      run = { source: run.source, start: run.start, end: vector.end };
      continue;
    }
    if (run !== undefined) parts.push(vectorPart(run), COMMA_PART);
    run = vector;
  }
  if (run !== undefined) parts.push(vectorPart(run));
  return parts;
}

/** The bytes of one vector, brackets included, uncopied. */
export function vectorPart(vector: VectorBytes): Buffer {
  return vector.source.subarray(vector.start, vector.end);
}

const COMMA_PART = Buffer.from(',');

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
