import { endianness } from 'node:os';
import { toFloat32, type VectorBytes } from '@forebay/pool-client';
import { type GatewayError, invalidRequest } from '../errors.ts';
import { readDimensions } from './check-dimensions.ts';
import type {
  Answer,
  ChunkFailure,
  Dialect,
  ParsedRequest,
  RenderedAnswer,
  RenderedText,
} from './dialect.ts';
import { ERROR_TABLE, errorHeaders, errorMessage } from './error-table.ts';
import { failedHeaders } from './failed-headers.ts';
import { named, readTexts } from './read-texts.ts';
import { renderedAnswer } from './rendered-answer.ts';
import { vectorPart } from './vector-runs.ts';

/** OpenAI's API: `POST /v1/embeddings`. */
export const openai: Dialect = { name: 'openai', parse, render, renderError };

/** `user` and unknown fields are ignored. */
function parse(body: unknown): ParsedRequest | GatewayError {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return invalidRequest(`the body must be an object with model and input, got ${named(body)}`);
  }
  // `as` holds: a JSON object is a record of unknown values.
  const fields = body as Readonly<Record<string, unknown>>;
  const { model } = fields;
  if (typeof model !== 'string' || model === '') {
    const found = model === undefined ? 'is missing' : `must be a string with a name, got ${named(model)}`;
    return invalidRequest(`model ${found}: GET /v1/models lists the names`, 'model');
  }
  const read = readTexts(fields.input, { field: 'input', blankAllowed: false });
  if (read.kind !== 'texts') return read;
  const encoding = fields.encoding_format ?? 'float';
  if (encoding !== 'float' && encoding !== 'base64') {
    return invalidRequest('encoding_format must be "float" or "base64"', 'encoding_format');
  }
  const dimensions = readDimensions(fields.dimensions);
  if ('kind' in dimensions) return dimensions;
  return { kind: 'parsed', model, texts: read.texts, shape: read.shape, encoding, ...dimensions };
}

/**
 * Floats are the backend's bytes; base64 is made of them. `usage` is left out where none is given. In a partial answer
 * `embedding` is null where a text failed, and `errors`, which OpenAI does not have, says why.
 */
function render(answer: Answer): RenderedAnswer {
  const parts: Buffer[] = [];
  // Not forEach, which skips the places where a job has no vector.
  for (const [index, vector] of answer.vectors.entries()) {
    const before = index === 0 ? '{"object":"list","data":[' : '},';
    parts.push(Buffer.from(`${before}{"object":"embedding","index":${index},"embedding":`));
    parts.push(answer.encoding === 'base64' ? base64Part(vector) : vectorPart(vector));
  }
  const usage = answer.usage && {
    prompt_tokens: answer.usage.promptTokens,
    total_tokens: answer.usage.promptTokens,
  };
  const errors = answer.failures?.map(errorItem);
  const tail = JSON.stringify({
    model: answer.model,
    ...(usage && { usage }),
    ...(errors?.length && { errors }),
  });
  parts.push(Buffer.from(`}],${tail.slice(1)}`));
  return renderedAnswer(parts, {
    ...(answer.usage?.estimated && { 'x-forebay-usage': 'estimated' }),
    ...failedHeaders(answer.failures),
  });
}

function errorItem({ index, error }: ChunkFailure) {
  const { status, openaiCode } = ERROR_TABLE[error.kind];
  return { index, message: errorMessage(error, 'input'), type: typeOf(status), code: openaiCode };
}

function renderError(error: GatewayError): RenderedText {
  const { status, openaiCode } = ERROR_TABLE[error.kind];
  const body = {
    error: {
      message: errorMessage(error, 'input'),
      type: typeOf(status),
      param: paramOf(error),
      code: openaiCode,
    },
  };
  return { status, headers: errorHeaders(error), body: JSON.stringify(body) };
}

const MACHINE_IS_BIG_ENDIAN = endianness() === 'BE';

function base64Part(vector: VectorBytes | undefined): Buffer {
  if (vector === undefined) return vectorPart(vector);
  const numbers = toFloat32(vector);
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  if (MACHINE_IS_BIG_ENDIAN) bytes.swap32();
  return Buffer.from(`"${bytes.toString('base64')}"`, 'latin1');
}

/** OpenAI's own words for the groups of status codes. */
function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

function paramOf(error: GatewayError): string | null {
  if (error.kind === 'input_refused') return `input[${error.index}]`;
  if (error.kind === 'model_not_found') return 'model';
  return error.kind === 'invalid_request' ? (error.param ?? null) : null;
}
