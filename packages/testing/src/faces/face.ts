import type { IncomingHttpHeaders } from 'node:http';
import type { EncodedVector } from '../encoded-vector.ts';
import type { Refusal } from '../refusal.ts';

/** A request for embeddings as its face gets to see it. */
export type FaceRequest = {
  readonly method: string;
  /** Without the query string, still percent-encoded. */
  readonly path: string;
  /** What follows the question mark; empty where there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

/** What a face knows of the server. */
export type Served = {
  /** At least one. */
  readonly models: readonly string[];
  /** Most texts that one TEI request may have. */
  readonly maxClientBatchSize: number;
};

/** What a request turned out to be. */
export type ParsedRequest =
  | {
      readonly kind: 'embed';
      readonly model: string;
      readonly texts: readonly string[];
      /** The body of the answer; called once, with a vector for each text or what a fault made of them. */
      readonly render: (vectors: readonly EncodedVector[]) => Buffer;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Answered without a model. */
  | { readonly kind: 'plain'; readonly body: string; readonly headers: readonly string[] };

/** One API's way to read requests and to write answers. */
export interface Face {
  parse(request: FaceRequest, served: Served): ParsedRequest;
  /** Names and values by turns, for an answer to a request with these headers. */
  answerHeaders(headers: IncomingHttpHeaders): readonly string[];
  errorBody(refusal: Refusal): string;
  /** Whether the connection is reset after an answer of 400 or more. */
  readonly resetsAfterErrors: boolean;
}

/** The parsed JSON, or `undefined` where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // JSON itself has no undefined, so it says "not JSON" without a wrapper
  }
}

/** The vectors as a JSON array of arrays. */
export function nestedArrays(vectors: readonly EncodedVector[]): Buffer {
  const pieces: Buffer[] = [];
  for (const vector of vectors) pieces.push(pieces.length === 0 ? OPENING : COMMA, vector.json);
  if (pieces.length === 0) pieces.push(OPENING);
  pieces.push(CLOSING);
  return Buffer.concat(pieces);
}

const OPENING = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSING = Buffer.from(']');
