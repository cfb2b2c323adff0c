import type { DialectName } from '../../src/dialects/dialect.ts';

/** One request as bytes, and what is known about it beforehand. */
export type FuzzCase = FramedCase | GarbageCase;

/** A request whose end everyone sees alike: it has to be answered, in its dialect's form. */
export interface FramedCase {
  readonly kind: 'framed';
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** How the body's end is told. */
  readonly framing: 'length' | 'chunked';
  /** Of an embedding route as clients write it; undefined for any other target. */
  readonly dialect: DialectName | undefined;
  /** Nothing about it is odd: it has to be answered with vectors. */
  readonly sound: boolean;
}

/** Bytes that may be no request at all: they may be answered or cut off, but do no harm. */
export interface GarbageCase {
  readonly kind: 'garbage';
  readonly bytes: Buffer;
}

/** The bytes of a request; `host` and the framing headers stand before its own. */
export function bytesOf(fuzzCase: FuzzCase): Buffer {
  if (fuzzCase.kind === 'garbage') return fuzzCase.bytes;
  const { method, target, headers, body, framing } = fuzzCase;
  const length =
    framing === 'chunked' ? 'transfer-encoding: chunked\r\n' : `content-length: ${body.length}\r\n`;
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = `${method} ${target} HTTP/1.1\r\nhost: localhost\r\n${length}${lines}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), framing === 'chunked' ? inChunks(body) : body]);
}

/** The value of the last header of this name. */
export function headerOf({ headers }: FramedCase, wanted: string): string | undefined {
  return headers.findLast(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** What a report shows: enough to send it again. */
export function describeCase(fuzzCase: FuzzCase): string {
  const bytes = bytesOf(fuzzCase);
  const shown = bytes.subarray(0, 4_000).toString('latin1');
  const base64 = bytes.length <= 20_000 ? bytes.toString('base64') : '(longer than 20,000 bytes)';
  return `${bytes.length} bytes: ${JSON.stringify(shown)}\nbase64: ${base64}`;
}

function inChunks(body: Buffer): Buffer {
  const middle = body.length >> 1;
  const parts = [body.subarray(0, middle), body.subarray(middle)].filter((part) => part.length > 0);
  const chunks = parts.flatMap((part) => [
    Buffer.from(`${part.length.toString(16)}\r\n`),
    part,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}
