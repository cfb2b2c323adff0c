import { LocalBackendError } from '../errors.ts';
import type { EmbedInput } from '../model/embedder.ts';

/**
 * Reads `{"inputs": string | string[]}`, a bare string or a bare array; other keys are ignored. Empty and blank texts are
 * texts. Throws `BACKEND_INVALID_INPUT`, naming the item that is wrong.
 */
export function parseInputs(body: Uint8Array): EmbedInput {
  const value = parseJson(body);
  const inputs = isRecord(value) ? value.inputs : value;
  if (typeof inputs === 'string') return { texts: [inputs], flat: true };
  const name = isRecord(value) ? '"inputs"' : 'The body';
  if (!Array.isArray(inputs)) {
    throw invalid(`${name} must be a string or an array of strings, got ${kindOf(inputs)}`);
  }
  if (inputs.length === 0) throw invalid(`${name} is an empty array: there is nothing to embed`);
  const wrong = inputs.findIndex((item) => typeof item !== 'string');
  if (wrong >= 0) throw invalid(`${name}[${wrong}] must be a string, got ${kindOf(inputs[wrong])}`);
  return { texts: inputs, flat: false };
}

/**
 * Throws `BACKEND_UNSUPPORTED_MEDIA_TYPE` unless the body is plain JSON in UTF-8. DJL Serving embeds the source text of anything
 * else: a wrong vector instead of an error.
 */
export function checkMediaType(contentType: string | undefined, contentEncoding: string | undefined): void {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='));
  if (!/^application\/(?:[^\s/]+\+)?json$/.test(type.trim())) {
    throw unsupported(`Content-Type must be application/json, got ${contentType ?? 'none'}`);
  }
  if (charset !== undefined && !/^charset="?(?:utf-?8|us-ascii)"?$/.test(charset)) {
    throw unsupported(`JSON is read as UTF-8, got ${charset}`);
  }
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity') {
    throw unsupported(`Content-Encoding is not supported here, got ${contentEncoding}`);
  }
}

function parseJson(body: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw invalid('The body is not valid UTF-8');
  }
  if (text.trim() === '') throw invalid('The body is empty: send {"inputs": ["text", …]}');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`The body is not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

function invalid(message: string): LocalBackendError {
  return new LocalBackendError('BACKEND_INVALID_INPUT', message);
}

function unsupported(message: string): LocalBackendError {
  return new LocalBackendError('BACKEND_UNSUPPORTED_MEDIA_TYPE', message);
}
