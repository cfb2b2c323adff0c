import { expectedVectorJson } from '@forebay/testing';
import { MODEL } from '../programs.ts';

/** A request as bytes, and the answer that it must get. */
export interface PreparedRequest {
  readonly bytes: Buffer;
  readonly texts: readonly string[];
  /** The vector of each text as it stands in an answer. */
  readonly vectors: readonly Buffer[];
}

/** Different texts that there are, each of about 100 characters, with a vector of its own. */
const TEXTS = 2048;

/**
 * Makes requests of the given numbers of texts (1 to 2,048 each). They are cut one after the other out of one endless round of
 * different texts, so requests that are under way together have different answers.
 */
export function prepareRequests(
  sizes: readonly number[],
  headers: Readonly<Record<string, string>> = {},
): readonly PreparedRequest[] {
  const known = knownTexts();
  const moreHeaders = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  let next = 0;
  return sizes.map((size) => {
    const round = Array.from({ length: size }, (_, i) => known[(next + i) % known.length] as KnownText); // the index wraps
    next = (next + size) % known.length;
    const texts = round.map(({ text }) => text);
    const body = Buffer.from(JSON.stringify({ inputs: texts }));
    const head = `POST /predictions/${MODEL} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n${moreHeaders.join('')}\r\n`;
    return {
      bytes: Buffer.concat([Buffer.from(head), body]),
      texts,
      vectors: round.map(({ vector }) => vector),
    };
  });
}

/** Whether the pieces of a body are, byte for byte, the list of these vectors. About 0.5 µs for each of 384 numbers. */
export function holdsVectors(body: readonly Buffer[], vectors: readonly Buffer[]): boolean {
  let piece = 0;
  let at = 0;
  const startsWith = (wanted: Buffer): boolean => {
    for (let seen = 0; seen < wanted.length; ) {
      const current = body[piece];
      if (current === undefined) return false;
      const length = Math.min(wanted.length - seen, current.length - at);
      if (current.compare(wanted, seen, seen + length, at, at + length) !== 0) return false;
      seen += length;
      at += length;
      if (at === current.length) {
        piece += 1;
        at = 0;
      }
    }
    return true;
  };
  for (let i = 0; i < vectors.length; i += 1) {
    const vector = vectors[i] as Buffer; // i is below the length
    if (!startsWith(i === 0 ? OPENING : COMMA) || !startsWith(vector)) return false;
  }
  return startsWith(CLOSING) && piece === body.length;
}

const OPENING = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSING = Buffer.from(']');

type KnownText = { readonly text: string; readonly vector: Buffer };

let made: readonly KnownText[] | undefined;

function knownTexts(): readonly KnownText[] {
  made ??= Array.from({ length: TEXTS }, (_, i) => {
    const text = `Chapter ${i}: a basin in front of the turbines evens out what the river brings, whatever page ${i * 7} says of it.`;
    return { text, vector: Buffer.from(expectedVectorJson(text)) };
  });
  return made;
}
