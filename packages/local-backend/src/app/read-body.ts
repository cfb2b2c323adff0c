import type { IncomingMessage } from 'node:http';
import { LocalBackendError } from '../errors.ts';

/** Of a body that is too large this much is read away, so that its sender sees the answer and the connection stays usable. */
const MAX_DRAINED_BYTES = 64 * 1024 * 1024;

/** The whole body. Throws `BACKEND_TOO_LARGE` after reading away what can be; rejects when the sender breaks off. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = Number(request.headers['content-length'] ?? 0);
  if (bytes > maxBytes + MAX_DRAINED_BYTES) throw tooLarge(maxBytes);
  bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
    if (bytes > maxBytes + MAX_DRAINED_BYTES) break;
  }
  if (bytes > maxBytes) throw tooLarge(maxBytes);
  return Buffer.concat(chunks, bytes);
}

function tooLarge(maxBytes: number): LocalBackendError {
  return new LocalBackendError(
    'BACKEND_TOO_LARGE',
    `The body is larger than ${maxBytes} bytes (MAX_REQUEST_SIZE)`,
  );
}
