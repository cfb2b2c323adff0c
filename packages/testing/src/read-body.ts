import type { IncomingMessage } from 'node:http';

/** A request's body, or why there is none: too long with a length said in advance, or found too long on the way. */
export type RequestBody =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'too-long'; readonly announced: boolean };

/**
 * Reads a body and calls `done` once, or never when the client leaves before. A body whose `content-length` is too large is
 * read away to its end first.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: RequestBody) => void,
): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    request.resume();
    request.on('end', () => done({ kind: 'too-long', announced: true }));
    return;
  }
  let bytes: Buffer = EMPTY;
  let pieces: Buffer[] | undefined;
  let length = 0;
  request.on('data', (piece: Buffer) => {
    length += piece.length;
    if (length > maxBytes) {
      request.removeAllListeners('data').removeAllListeners('end');
      done({ kind: 'too-long', announced: false });
    } else if (length === piece.length) bytes = piece;
    else if (pieces) pieces.push(piece);
    else pieces = [bytes, piece];
  });
  request.on('end', () => done({ kind: 'whole', bytes: pieces ? Buffer.concat(pieces) : bytes }));
}

const EMPTY = Buffer.alloc(0);
