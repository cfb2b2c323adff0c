import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { isJsonContentType } from '../admission/json-content-type.ts';
import type { Dialect, ParsedRequest, RequestFacts } from '../dialects/dialect.ts';
import { type GatewayError, invalidRequest } from '../errors.ts';
import { type BodyBounds, readBody } from './read-body.ts';

/** Reads a request's body within `bounds`, unpacked, and what its dialect sees in it. Never rejects. */
export async function parseRequest(
  request: IncomingMessage,
  dialect: Dialect,
  facts: RequestFacts,
  bounds: BodyBounds,
): Promise<ParsedRequest | GatewayError> {
  // What isn't there has no type to be wrong.
  if (!hasBody(request)) return NO_BODY;
  const contentType = request.headers['content-type'];
  if (!isJsonContentType(contentType)) {
    return {
      kind: 'unsupported_media_type',
      message: `content-type must be application/json, got ${JSON.stringify(contentType ?? 'none')}`,
    };
  }
  const body = await readBody(request, bounds);
  if (body.kind !== 'body') return body;
  if (body.bytes.length === 0) return NO_BODY;
  if (!isUtf8(body.bytes)) return invalidRequest('the body is not valid UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(body.bytes.toString('utf8'));
  } catch {
    // The parser's own message quotes the caller's text.
    return invalidRequest(`the body is not valid JSON (${body.bytes.length} bytes)`);
  }
  return dialect.parse(value, facts);
}

const NO_BODY = invalidRequest('the body is empty: send JSON');

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
