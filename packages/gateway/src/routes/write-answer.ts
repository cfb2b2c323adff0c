import type { ServerResponse } from 'node:http';
import type { JobTiming } from '@forebay/pool-client';
import type { Dialect, RenderedAnswer } from '../dialects/dialect.ts';
import type { GatewayError } from '../errors.ts';

/** What stands above every answer. */
export interface AnswerHead {
  readonly requestId: string;
  readonly closesConnection: boolean;
}

/** Sends vectors, and says how long they took. Names and values go in one flat list, which Node writes without a look-up for each. */
export function writeAnswer(
  response: ServerResponse,
  rendered: RenderedAnswer,
  timing: JobTiming,
  head: AnswerHead,
): void {
  response.writeHead(200, [
    ...headers(head, rendered.headers, rendered.contentLength),
    'x-forebay-queue-ms',
    timing.queueMs.toFixed(1),
    'x-forebay-backend-ms',
    timing.backendMs.toFixed(1),
    'x-forebay-batches',
    String(timing.batches),
  ]);
  const { parts } = rendered;
  const last = parts.length - 1;
  // Together, so that they leave in one call of the system.
  response.cork();
  for (let i = 0; i < last; i += 1) response.write(parts[i]);
  response.end(parts[last]);
  response.uncork();
}

/** Sends a refusal in the dialect's words; closes the connection where the request was not read to its end. */
export function writeError(
  response: ServerResponse,
  dialect: Dialect,
  error: GatewayError,
  { requestId, closesConnection }: AnswerHead,
): void {
  const { status, headers: own, body } = dialect.renderError(error);
  // What is left of an unread body can't be told from the next request.
  const head = { requestId, closesConnection: closesConnection || !response.req.complete };
  response.writeHead(status, headers(head, own, Buffer.byteLength(body)));
  response.end(body);
}

function headers(
  { requestId, closesConnection }: AnswerHead,
  own: Readonly<Record<string, string>>,
  contentLength: number,
): string[] {
  const flat = ['x-request-id', requestId, 'content-length', String(contentLength)];
  for (const name in own) flat.push(name, own[name] as string); // it is one of its names
  if (closesConnection) flat.push('connection', 'close');
  return flat;
}
