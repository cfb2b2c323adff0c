import { type GatewayError, invalidRequest } from '../errors.ts';
import { readDimensions } from './check-dimensions.ts';
import type {
  Answer,
  Dialect,
  ParsedRequest,
  RenderedAnswer,
  RenderedText,
  RequestFacts,
} from './dialect.ts';
import { ERROR_TABLE, errorHeaders, errorMessage } from './error-table.ts';
import { failedHeaders } from './failed-headers.ts';
import { firstName } from './read-model.ts';
import { named, readTexts } from './read-texts.ts';
import { renderedAnswer } from './rendered-answer.ts';
import { vectorList } from './vector-runs.ts';

/** The API of text-embeddings-inference: `POST /embed`. */
export const tei: Dialect = { name: 'tei', parse, render, renderError };

function parse(body: unknown, request: RequestFacts): ParsedRequest | GatewayError {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return invalidRequest(`the body must be an object with inputs, got ${named(body)}`, 'inputs');
  }
  // `as` holds: a JSON object is a record of unknown values.
  const fields = body as Readonly<Record<string, unknown>>;
  const read = readTexts(fields.inputs, { field: 'inputs', blankAllowed: true });
  if (read.kind !== 'texts') return read;
  const refused = refuseOptions(fields);
  if (refused !== undefined) return refused;
  const dimensions = readDimensions(fields.dimensions);
  if ('kind' in dimensions) return dimensions;
  const model = firstName(request.headers.model_name);
  return { kind: 'parsed', model, texts: read.texts, shape: read.shape, encoding: 'float', ...dimensions };
}

/** A list of lists always: TEI answers one string with a list of one vector. */
function render(answer: Answer): RenderedAnswer {
  return renderedAnswer(vectorList(answer.vectors), failedHeaders(answer.failures));
}

function renderError(error: GatewayError): RenderedText {
  const row = ERROR_TABLE[error.kind];
  const body = { error: errorMessage(error, 'inputs'), error_type: row.teiType };
  return { status: row.teiStatus ?? row.status, headers: errorHeaders(error), body: JSON.stringify(body) };
}

/**
 * The options whose other values would change the vectors. The model servers decide about normalising and
 * cutting, the same for all callers of a batch, so what they don't do by themselves is refused, never ignored.
 */
function refuseOptions(fields: Readonly<Record<string, unknown>>): GatewayError | undefined {
  return (
    refuseUnlessTrue(fields.normalize, 'normalize', 'vectors come as the model server makes them') ??
    refuseUnlessTrue(fields.truncate, 'truncate', 'the model server cuts texts longer than its limit') ??
    refusePrompt(fields.prompt_name) ??
    refuseDirection(fields.truncation_direction)
  );
}

function refuseUnlessTrue(value: unknown, field: string, because: string): GatewayError | undefined {
  if (value === undefined || value === null || value === true) return undefined;
  if (value !== false) return invalidRequest(`${field} must be a boolean, got ${named(value)}`, field);
  return invalidRequest(`${field}: false cannot be honoured, ${because}; leave it out or send true`, field);
}

function refusePrompt(value: unknown): GatewayError | undefined {
  if (value === undefined || value === null) return undefined;
  return invalidRequest(
    'prompt_name cannot be honoured, no prompts are configured: put the prompt before the text',
    'prompt_name',
  );
}

function refuseDirection(value: unknown): GatewayError | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value.toLowerCase() === 'right') return undefined;
  return invalidRequest(
    'truncation_direction must be "right" or left out: texts are cut at their end',
    'truncation_direction',
  );
}
