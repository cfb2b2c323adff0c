import type { GatewayError, GatewayErrorKind } from '../errors.ts';

/** How one kind of error reads in each dialect. */
export interface ErrorRow {
  readonly status: number;
  readonly djlType: string;
  readonly openaiCode: string;
  readonly teiType: string;
  /** Where TEI has a status of its own. @default status */
  readonly teiStatus?: number;
}

/** The error table of the HTTP API, row by row; nothing else knows these words. */
export const ERROR_TABLE: Readonly<Record<GatewayErrorKind, ErrorRow>> = {
  invalid_request: row(400, 'BadRequestException', 'invalid_request', 'Validation', 422),
  input_refused: row(400, 'TranslateException', 'invalid_input', 'Validation', 422),
  unauthorized: row(401, 'UnauthorizedException', 'invalid_api_key', 'Unauthorized'),
  forbidden: row(403, 'ForbiddenException', 'forbidden', 'Forbidden'),
  not_found: row(404, 'ResourceNotFoundException', 'not_found', 'NotFound'),
  model_not_found: row(404, 'ModelNotFoundException', 'model_not_found', 'NotFound'),
  method_not_allowed: row(405, 'MethodNotAllowedException', 'method_not_allowed', 'MethodNotAllowed'),
  conflict: row(409, 'ConflictException', 'conflict', 'Conflict'),
  payload_too_large: row(413, 'PayloadTooLargeException', 'payload_too_large', 'PayloadTooLarge'),
  unsupported_media_type: row(
    415,
    'UnsupportedMediaTypeException',
    'unsupported_media_type',
    'UnsupportedMediaType',
  ),
  queue_full: row(429, 'WlmCapacityException', 'queue_full', 'Overloaded'),
  internal: row(500, 'InternalServerException', 'internal_error', 'Internal'),
  backend_failed: row(502, 'BackendException', 'backend_failed', 'Backend'),
  unavailable: row(503, 'WlmException', 'unavailable', 'Unavailable'),
  timeout: row(504, 'TimeoutException', 'timeout', 'Timeout'),
};

/** The headers that an error needs in every dialect. */
export function errorHeaders(error: GatewayError): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if ('retryAfterS' in error) headers['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfterS)));
  if (error.kind === 'method_not_allowed') headers.allow = error.allow.join(', ');
  if (error.kind === 'unauthorized')
    headers['www-authenticate'] =
      error.challenge === 'basic' ? 'Basic realm="forebay", charset="UTF-8"' : 'Bearer';
  return headers;
}

/** The message, which for a refused text begins with its place in the caller's own `field`. */
export function errorMessage(error: GatewayError, field: string): string {
  return error.kind === 'input_refused' ? `${field}[${error.index}]: ${error.message}` : error.message;
}

function row(
  status: number,
  djlType: string,
  openaiCode: string,
  teiType: string,
  teiStatus?: number,
): ErrorRow {
  const common = { status, djlType, openaiCode, teiType };
  return teiStatus === undefined ? common : { ...common, teiStatus };
}
