import { type GatewayError, invalidRequest } from '../errors.ts';
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
import { readModel } from './read-model.ts';
import { named, readTexts } from './read-texts.ts';
import { renderedAnswer } from './rendered-answer.ts';
import { vectorList, vectorPart } from './vector-runs.ts';

/** DJL Serving's API: `POST /predictions/{model}` and `POST /invocations`. */
export const djl: Dialect = { name: 'djl', parse, render, renderError };

/** `{"inputs": …}`, a bare string or a bare list; other keys are ignored, as DJL does. */
function parse(body: unknown, request: RequestFacts): ParsedRequest | GatewayError {
  if (typeof body !== 'string' && (typeof body !== 'object' || body === null)) {
    const message = `the body must be an object with inputs, a string or a list of strings, got ${named(body)}`;
    return invalidRequest(message, 'inputs');
  }
  const read = readTexts(inputsOf(body), { field: 'inputs', blankAllowed: true });
  if (read.kind !== 'texts') return read;
  return {
    kind: 'parsed',
    model: readModel(request),
    texts: read.texts,
    shape: read.shape,
    encoding: 'float',
  };
}

function render(answer: Answer): RenderedAnswer {
  const [first] = answer.vectors;
  if (answer.shape === 'single' && first !== undefined) return renderedAnswer([vectorPart(first)]);
  return renderedAnswer(vectorList(answer.vectors), failedHeaders(answer.failures));
}

function renderError(error: GatewayError): RenderedText {
  const { status, djlType } = ERROR_TABLE[error.kind];
  const body = { code: status, type: djlType, message: errorMessage(error, 'inputs') };
  return { status, headers: errorHeaders(error), body: `${JSON.stringify(body)}\n` };
}

function inputsOf(body: string | object): unknown {
  if (typeof body === 'string' || Array.isArray(body)) return body;
  return 'inputs' in body ? body.inputs : undefined;
}
