/** One whole answer. */
export interface HttpAnswer {
  readonly status: number;
  /** The body, in the pieces in which it came. */
  readonly body: readonly Buffer[];
  /** Whether the connection can take another request. */
  readonly keepsOpen: boolean;
}

/**
 * Puts the answers of one connection together, one at a time: bodies with a length or in chunks, without trailers. Nothing is
 * copied, so reading costs next to nothing.
 */
export class ResponseReader {
  #head: Head | undefined;
  #pieces: Buffer[] = [];
  #bytes = 0;

  /** Takes what came; gives the answer when it is whole. Throws a `SyntaxError` at what is no HTTP answer. */
  push(data: Buffer): HttpAnswer | undefined {
    if (this.#head === undefined) {
      const all = this.#bytes === 0 ? data : Buffer.concat([...this.#pieces, data]);
      const end = all.indexOf('\r\n\r\n');
      if (end < 0) {
        this.#pieces = [all];
        this.#bytes = all.length;
        return undefined;
      }
      this.#head = parseHead(all.toString('latin1', 0, end));
      const body = all.subarray(end + 4);
      this.#pieces = body.length === 0 ? [] : [body];
      this.#bytes = body.length;
    } else {
      this.#pieces.push(data);
      this.#bytes += data.length;
    }
    return this.#whole(this.#head);
  }

  #whole({ status, length, keepsOpen }: Head): HttpAnswer | undefined {
    if (length === 'chunked') {
      const last = this.#pieces.at(-1);
      // Cheap and nearly always enough to see that more must come.
      if (last === undefined || last.at(-1) !== NEW_LINE) return undefined;
      const body = withoutChunks(Buffer.concat(this.#pieces));
      return body && this.#finish({ status, body, keepsOpen });
    }
    if (this.#bytes < length) return undefined;
    if (this.#bytes > length) throw new SyntaxError(`${this.#bytes - length} bytes follow the answer`);
    return this.#finish({ status, body: this.#pieces, keepsOpen });
  }

  #finish(answer: HttpAnswer): HttpAnswer {
    this.#head = undefined;
    this.#pieces = [];
    this.#bytes = 0;
    return answer;
  }
}

type Head = {
  readonly status: number;
  readonly length: number | 'chunked';
  readonly keepsOpen: boolean;
};

const NEW_LINE = 10;

function parseHead(head: string): Head {
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  if (Number.isNaN(status)) throw new SyntaxError(`no HTTP/1.1 answer: ${head.slice(0, 80)}`);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  const chunked = /^transfer-encoding: *chunked/im.test(head);
  if (length === undefined && !chunked) throw new SyntaxError('an answer without a length');
  const keepsOpen = !/^connection: *close/im.test(head);
  return { status, length: chunked ? 'chunked' : Number(length), keepsOpen };
}

/** The contents of the chunks; `undefined` while the last one is missing. */
function withoutChunks(raw: Buffer): readonly Buffer[] | undefined {
  const contents: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = raw.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(raw.toString('latin1', at, line), 16);
    if (Number.isNaN(size)) throw new SyntaxError('a chunk without a size');
    const next = line + 2 + size + 2;
    if (raw.length < next) return undefined;
    if (size === 0) return contents;
    contents.push(raw.subarray(line + 2, line + 2 + size));
    at = next;
  }
}
