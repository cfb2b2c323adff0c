import { randomUUID } from 'node:crypto';
import { badInput, badRequest, type Refusal, refusalOf } from '../refusal.ts';
import {
  type Face,
  type FaceRequest,
  nestedArrays,
  type ParsedRequest,
  parseJson,
  type Served,
} from './face.ts';

/** DJL Serving's inference API: `/predictions/{model}`, `/models/{model}/invoke` and `/invocations`. */
export const djl: Face = { parse, answerHeaders, errorBody: djlErrorBody, resetsAfterErrors: true };

/** Whether the path is one of DJL's inference routes. */
export function isDjlInference(path: string): boolean {
  return (
    path.startsWith('/predictions/') ||
    path === '/invocations' ||
    path === '/invocations/' ||
    /^\/models\/[^/]+\/invoke\/?$/.test(path)
  );
}

/** DJL's error JSON, printed over several lines as it does; empty where the type is empty. */
export function djlErrorBody({ status, type, message }: Refusal): string {
  return type === '' ? '' : `${JSON.stringify({ code: status, type, message }, null, 2)}\n`;
}

function answerHeaders(headers: FaceRequest['headers']): readonly string[] {
  const requestId = headers['x-request-id'];
  return [
    'content-type',
    'application/json',
    'x-request-id',
    typeof requestId === 'string' ? requestId : randomUUID(),
    'Pragma',
    'no-cache',
    'Cache-Control',
    'no-cache; no-store, must-revalidate, private',
    'Expires',
    'Thu, 01 Jan 1970 00:00:00 UTC',
  ];
}

function parse(request: FaceRequest, served: Served): ParsedRequest {
  const query = request.query === '' ? undefined : new URLSearchParams(request.query);
  const model = modelOf(request, query, served.models);
  if (typeof model !== 'string') return { kind: 'refused', refusal: model };
  if (!served.models.includes(model)) return refused(refusalOf('model-not-found', model));
  const special = specialHeader(request.headers);
  if (special) return special;
  if (request.method === 'OPTIONS') return { kind: 'plain', body: '{}', headers: [] };
  return readInputs(request, query?.get('data') ?? undefined, model);
}

function modelOf(
  request: FaceRequest,
  query: URLSearchParams | undefined,
  models: readonly string[],
): string | Refusal {
  const [, route, name = '', version] = request.path.replace(/\/$/, '').split('/');
  if (route === 'invocations') {
    const asked = query?.get('model_name') ?? request.headers.model_name;
    if (typeof asked === 'string') return asked;
    const [only, ...others] = models;
    return only !== undefined && others.length === 0 ? only : badRequest('Parameter model_name is required.');
  }
  // No version is ever registered here, so a request for one finds no model.
  if (route === 'predictions' && version !== undefined) {
    return refusalOf('model-not-found', `${decode(name)}:${version}`);
  }
  return decode(name);
}

/** Headers become properties of the input, and these three mean something: a gateway must not pass them on. */
function specialHeader(headers: FaceRequest['headers']): ParsedRequest | undefined {
  if (headers.handler !== undefined) return refused(badRequest(`Handler not supported: ${headers.handler}`));
  const priority = headers['x-priority'];
  if (priority !== undefined && !/^[+-]?\d+$/.test(String(priority))) {
    const message = `For input string: "${priority}"`;
    return refused({ status: 500, type: 'NumberFormatException', message });
  }
  if (headers['x-starting-token'] !== undefined) return refused(badRequest('Invalid starting token.'));
  if (headers['x-synchronous'] !== 'false') return undefined;
  return { kind: 'plain', body: '', headers: ['x-next-token', randomUUID()] };
}

function readInputs(request: FaceRequest, data: string | undefined, model: string): ParsedRequest {
  const body = data ?? request.body.toString('utf8');
  const isJson = request.headers['content-type']?.split(';', 1)[0]?.trim() === 'application/json';
  if (!isJson || body === '') return embedOne(model, body);
  const parsed = parseJson(body);
  if (parsed === undefined) return refused(badInput('Input is not a valid json.'));
  const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  const inputs: unknown = isObject && 'inputs' in parsed ? parsed.inputs : isObject ? undefined : parsed;
  if (inputs === undefined) return refused(badInput('Missing "inputs" in json.'));
  if (!Array.isArray(inputs)) {
    const text = coerce(inputs);
    return text === undefined ? refused(badInput(NOT_TEXT)) : embedOne(model, text);
  }
  if (inputs.length === 0) return refused(badInput('Input data is empty.'));
  const texts: string[] = [];
  for (const item of inputs) {
    const text = coerce(item);
    if (text === undefined) return refused(badInput(NOT_TEXT));
    texts.push(text);
  }
  return { kind: 'embed', model, texts, render: nestedArrays };
}

/** A text alone is answered with its vector alone. */
function embedOne(model: string, text: string): ParsedRequest {
  return {
    kind: 'embed',
    model,
    texts: [text],
    render: (vectors) => (vectors.length === 1 && vectors[0] ? vectors[0].json : nestedArrays(vectors)),
  };
}

const NOT_TEXT = 'Input is not a valid json.';

/** Numbers and booleans become texts; null, objects and lists cannot. */
function coerce(item: unknown): string | undefined {
  if (typeof item === 'string') return item;
  return typeof item === 'number' || typeof item === 'boolean' ? String(item) : undefined;
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a broken escape names no model, and the 404 shows it as it came
  }
}

function refused(refusal: Refusal): ParsedRequest {
  return { kind: 'refused', refusal };
}
