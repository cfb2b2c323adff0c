import type { VectorBytes } from '@forebay/pool-client';
import type { GatewayError } from '../errors.ts';

export type DialectName = 'djl' | 'openai' | 'tei';

/** What a dialect may read of a request besides its body. */
export interface RequestFacts {
  /** Lower-case names, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The query string's values; anything but a string counts as not given. */
  readonly query: Readonly<Record<string, unknown>>;
  /** The model in the route, already percent-decoded; `undefined` where the route has none. */
  readonly pathModel: string | undefined;
}

/** A request as all dialects mean it. */
export interface ParsedRequest {
  readonly kind: 'parsed';
  /** As the caller wrote it, aliases unresolved; `undefined` asks for the only model there is. */
  readonly model: string | undefined;
  /** At least one; may hold `""` where the dialect allows it. */
  readonly texts: readonly string[];
  /** Whether the caller sent one string or a list; a list of one is a list. */
  readonly shape: 'single' | 'list';
  /** `base64` stands for little-endian float32. */
  readonly encoding: 'float' | 'base64';
  /** The length of vector that the caller insists on: see `checkDimensions`. */
  readonly dimensions?: number;
}

/** The tokens of all texts of a request. */
export interface Usage {
  readonly promptTokens: number;
  /** True when no tokenizer counted them. */
  readonly estimated: boolean;
}

/** Why one text of a partial answer has no vector. */
export interface ChunkFailure {
  /** Position of the text in the request, from 0. */
  readonly index: number;
  readonly error: GatewayError;
}

/** What there is to answer with. */
export interface Answer {
  /** In the order of the request's texts; one is missing for each of `failures`, and not all are. */
  readonly vectors: readonly (VectorBytes | undefined)[];
  /** Ascending by index. @default none */
  readonly failures?: readonly ChunkFailure[];
  /** The name to show: the one that the caller asked for. */
  readonly model: string;
  readonly shape: 'single' | 'list';
  readonly encoding: 'float' | 'base64';
  readonly usage?: Usage;
}

/** A body in pieces: the numbers among them are the backend's own bytes, not copied. */
export interface RenderedAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: readonly Buffer[];
  /** Bytes of all parts. */
  readonly contentLength: number;
}

/** A small answer: an error, a list of models, a state of health. */
export interface RenderedText {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The server half of one API: pure functions from values to values. */
export interface Dialect {
  readonly name: DialectName;
  /** Reads a body that `JSON.parse` has read; costs one look at each text. */
  parse(body: unknown, request: RequestFacts): ParsedRequest | GatewayError;
  /** `base64` parses each vector (about 17 µs for 384 numbers); `float` parses none. */
  render(answer: Answer): RenderedAnswer;
  renderError(error: GatewayError): RenderedText;
}
