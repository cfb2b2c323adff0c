import type { ServerResponse } from 'node:http';

/** One answer in one write, with its length. `body` is JSON already, or a value to be written as JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: Uint8Array | object,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed || response.headersSent) return; // the caller left, or had its answer
  const bytes = body instanceof Uint8Array ? body : Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(bytes);
}
