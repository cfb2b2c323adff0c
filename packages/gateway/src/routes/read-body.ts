import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { type GatewayError, invalidRequest } from '../errors.ts';

export type Body = { readonly kind: 'body'; readonly bytes: Buffer } | GatewayError;

/** Reads a body, unpacked, of at most `maxBytes`; what is left of a refused one stays unread. Never rejects. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) return tooLarge(maxBytes, `${declared} bytes`);
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const unpacked = unpack(request, encoding);
  if (!unpacked) {
    return {
      kind: 'unsupported_media_type',
      message: `content-encoding must be gzip, deflate, br, zstd or identity, got ${JSON.stringify(encoding.slice(0, 40))}`,
    };
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of unpacked) {
      bytes += part.length;
      if (bytes > maxBytes) return tooLarge(maxBytes, 'more');
      parts.push(part);
    }
  } catch (error) {
    if (request.destroyed && !request.complete)
      return invalidRequest('the connection ended before the body did');
    return invalidRequest(
      `the body is no valid ${encoding}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return { kind: 'body', bytes: parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, bytes) };
}

/** By coding; a map, since an object would also know `constructor`. */
const UNPACKERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

function unpack(request: IncomingMessage, encoding: string): AsyncIterable<Buffer> | undefined {
  if (encoding === 'identity' || encoding === '') return request.iterator({ destroyOnReturn: false });
  const stream = UNPACKERS.get(encoding)?.();
  if (!stream) return undefined;
  request.on('error', (error) => stream.destroy(error));
  return request.pipe(stream);
}

function tooLarge(maxBytes: number, got: string): GatewayError {
  return {
    kind: 'payload_too_large',
    message: `the body may have ${maxBytes} bytes (MAX_REQUEST_BYTES), got ${got}: send smaller requests`,
  };
}
