import { classifyFailure, type FailureTable, isSuccess } from './classify-failure.ts';
import { jsonHeaders } from './json-headers.ts';
import type { FailureKind, Protocol } from './protocol.ts';
import { readVectorList } from './read-vector-list.ts';

/**
 * DJL Serving, and a Forebay gateway's DJL side. The backend's URL is the whole route and names the model:
 * `http://host:8080/predictions/all-MiniLM-L6-v2`.
 */
export const djl: Protocol = {
  name: 'djl',
  // Always a list: a lone string would come back as one flat list.
  toWire: (texts) => ({ pathSuffix: '', headers: jsonHeaders, body: JSON.stringify({ inputs: texts }) }),
  fromWire: (response, count) =>
    isSuccess(response.status) ? readVectorList(response, count) : classifyFailure(response, djlFailures),
};

/**
 * By type alone where there is one: `bad_request_http_code` and its like change every status but 404, 405 and
 * 413.
 */
const djlFailures: FailureTable = {
  types: new Map<string, FailureKind>([
    // Also whatever the engine or model threw, and another client's bad text in a merged batch.
    ['TranslateException', 'input'],
    // The request as such: its route, headers or model name. Never its texts, we write the JSON.
    ['BadRequestException', 'misconfigured'],
    ['NumberFormatException', 'misconfigured'],
    ['ModelNotFoundException', 'misconfigured'],
    ['ResourceNotFoundException', 'misconfigured'],
    ['MethodNotAllowedException', 'misconfigured'],
    ['WlmCapacityException', 'overloaded'],
    ['WlmException', 'unavailable'],
    ['WlmShutdownException', 'unavailable'],
    ['WlmOutOfMemoryException', 'unavailable'],
    ['EngineException', 'unavailable'],
    // A Forebay gateway's own.
    ['UnauthorizedException', 'misconfigured'],
    ['ForbiddenException', 'misconfigured'],
    ['UnsupportedMediaTypeException', 'misconfigured'],
    ['PayloadTooLargeException', 'too-large'],
    ['BackendException', 'unavailable'],
    ['TimeoutException', 'unavailable'],
  ]),
  read: ({ type, message }) => ({ types: [simpleName(type)], message }),
};

/** Java's simple class name: without its package and outer class. */
function simpleName(type: unknown): unknown {
  return typeof type === 'string' ? type.replace(/^.*[.$]/s, '') : type;
}
