import type { IncomingMessage } from 'node:http';
import type { Clock } from '@forebay/pool-client';

/** Bounds of what is read of a body that nobody wants. */
const READ_AWAY = { maxBytes: 64 * 2 ** 20, maxMs: 10_000 };

/**
 * Reads a refused body to its end without keeping it, within bounds of bytes and time: most clients look at the answer
 * only when they have sent everything, and lose it when the connection is reset before.
 */
export async function readAway(request: IncomingMessage, clock: Clock): Promise<void> {
  if (request.complete || request.destroyed) return;
  if (Number(request.headers['content-length'] ?? 0) > READ_AWAY.maxBytes) return;
  const over = new AbortController();
  const timer = clock.sleep(READ_AWAY.maxMs, over.signal);
  let bytes = 0;
  const end = new Promise<void>((resolve) => {
    const done = () => resolve();
    request.once('end', done).once('close', done).once('error', done);
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > READ_AWAY.maxBytes) resolve();
    });
    request.resume();
  });
  await Promise.race([end, timer]);
  over.abort();
}
