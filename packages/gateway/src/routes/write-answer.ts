import type { ServerResponse } from 'node:http';
import type { JobTiming } from '@forebay/pool-client';
import type { Dialect, RenderedAnswer } from '../dialects/dialect.ts';
import type { GatewayError } from '../errors.ts';

/** Sends vectors, and says how long they took. */
export function writeAnswer(response: ServerResponse, rendered: RenderedAnswer, timing: JobTiming): void {
  response.writeHead(200, {
    ...rendered.headers,
    'content-length': rendered.contentLength,
    'x-forebay-queue-ms': timing.queueMs.toFixed(1),
    'x-forebay-backend-ms': timing.backendMs.toFixed(1),
    'x-forebay-batches': timing.batches,
  });
  response.cork();
  for (const part of rendered.parts) response.write(part);
  response.end();
  response.uncork();
}

/** Sends a refusal in the dialect's words; closes the connection where the request was not read to its end. */
export function writeError(response: ServerResponse, dialect: Dialect, error: GatewayError): void {
  const { status, headers, body } = dialect.renderError(error);
  response.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(body),
    // What is left of an unread body can't be told from the next request.
    ...(response.req.complete ? {} : { connection: 'close' }),
  });
  response.end(body);
}
