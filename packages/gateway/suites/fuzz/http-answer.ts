/** One answer as it came over a socket. */
export interface WireAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Whether the connection may carry another request. */
  readonly staysOpen: boolean;
}

/** What bytes hold: an answer and what stands after it, or not yet. */
export type ReadResult =
  | { readonly kind: 'answer'; readonly answer: WireAnswer; readonly bytesRead: number }
  | { readonly kind: 'more' };

/**
 * Reads one answer, strictly; interim answers (1xx) are passed over. `ended` says that no more bytes will come. Throws where
 * the bytes are no HTTP/1.1 answer, or end inside one.
 */
export function readAnswer(bytes: Buffer, method: string, ended: boolean): ReadResult {
  let start = 0;
  for (;;) {
    const headEnd = bytes.indexOf('\r\n\r\n', start);
    if (headEnd < 0) return unfinished(ended, 'inside the head of an answer');
    const [statusLine = '', ...lines] = bytes.toString('latin1', start, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) [ -~]*$/.exec(statusLine)?.[1]);
    if (Number.isNaN(status)) throw new Error(`no status line: ${JSON.stringify(statusLine.slice(0, 200))}`);
    const headers = new Map(lines.map(readHeader));
    const bodyStart = headEnd + 4;
    if (status >= 200 || status === 101)
      return readBody({ bytes, bodyStart, status, headers, method, ended });
    start = bodyStart;
  }
}

interface Head {
  readonly bytes: Buffer;
  readonly bodyStart: number;
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly method: string;
  readonly ended: boolean;
}

function readBody({ bytes, bodyStart, status, headers, method, ended }: Head): ReadResult {
  const staysOpen = headers.get('connection')?.toLowerCase() !== 'close';
  const done = (body: Buffer, end: number): ReadResult => ({
    kind: 'answer',
    answer: { status, headers, body, staysOpen },
    bytesRead: end,
  });
  if (method === 'HEAD' || status === 204 || status === 304) return done(Buffer.alloc(0), bodyStart);
  const length = headers.get('content-length');
  if (length !== undefined) {
    const end = bodyStart + Number(length);
    if (bytes.length < end) return unfinished(ended, `before the ${length} bytes of its body`);
    return done(bytes.subarray(bodyStart, end), end);
  }
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(bytes, bodyStart, ended, done);
  if (!ended) return { kind: 'more' };
  return done(bytes.subarray(bodyStart), bytes.length);
}

function readChunks(
  bytes: Buffer,
  bodyStart: number,
  ended: boolean,
  done: (body: Buffer, end: number) => ReadResult,
): ReadResult {
  const parts: Buffer[] = [];
  let at = bodyStart;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return unfinished(ended, 'inside a chunked body');
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('a chunk without a size');
    const end = lineEnd + 2 + size + 2;
    if (bytes.length < end) return unfinished(ended, 'inside a chunk');
    if (size === 0) return done(Buffer.concat(parts), end);
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = end;
  }
}

function unfinished(ended: boolean, where: string): ReadResult {
  if (ended) throw new Error(`the connection ended ${where}`);
  return { kind: 'more' };
}

function readHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  if (colon < 1) throw new Error(`no header: ${JSON.stringify(line)}`);
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
