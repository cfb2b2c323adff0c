import { badAnswer } from './bad-answer.ts';
import { classifyFailure, type FailureTable, isRecord, isSuccess } from './classify-failure.ts';
import { cutVectors, vectorAt } from './cut-vectors.ts';
import { jsonHeaders } from './json-headers.ts';
import type { BatchOutcome, FailureKind, Protocol, WireResponse } from './protocol.ts';
import type { VectorBytes } from './vector-bytes.ts';

/**
 * OpenAI's embeddings API, as vLLM, Infinity, llama.cpp, Ollama, TEI and others serve it. The backend's URL
 * is the API's base, as in the official clients: `http://host:8000/v1`.
 */
export const openai: Protocol = {
  name: 'openai',
  toWire: (texts, model) => ({
    pathSuffix: '/embeddings',
    headers: jsonHeaders,
    body: JSON.stringify({ model, input: texts, encoding_format: 'float' }),
  }),
  fromWire: (response, count) =>
    isSuccess(response.status) ? readData(response, count) : classifyFailure(response, openaiFailures),
};

/** `{"data":[{"index":1,"embedding":[…]},…]}` in any order; each index from 0 must be there once. */
function readData(response: WireResponse, count: number): BatchOutcome {
  const cut = cutVectors(response.body);
  const items = isRecord(cut?.skeleton) ? cut.skeleton.data : undefined;
  if (cut === undefined || !Array.isArray(items)) return badAnswer(response, count);
  if (items.length !== count) return badAnswer(response, count, `got ${items.length}`);
  const vectors = new Map<unknown, VectorBytes>();
  for (const [position, item] of items.entries()) {
    const vector = isRecord(item) ? vectorAt(cut, item.embedding) : undefined;
    if (vector === undefined) return badAnswer(response, count, `item ${position} has none`);
    vectors.set(item.index, vector);
  }
  const ordered = items.map((_, index) => vectors.get(index));
  const missing = ordered.indexOf(undefined);
  if (missing !== -1) return badAnswer(response, count, `none has index ${missing}`);
  return { kind: 'vectors', vectors: ordered.filter((vector) => vector !== undefined) };
}

/** Only what says more than its status. */
const openaiFailures: FailureTable = {
  types: new Map<string, FailureKind>([
    ['max_tokens_per_request', 'too-large'],
    ['model_not_found', 'misconfigured'],
    ['invalid_api_key', 'misconfigured'],
    // A 429 that no waiting cures.
    ['insufficient_quota', 'misconfigured'],
  ]),
  tooLarge: /maximum allowed batch size|tokens per request/i,
  // OpenAI wraps its error, vLLM and TEI send it bare, FastAPI's own say `detail`.
  read: (body) => {
    const error = isRecord(body.error) ? body.error : body;
    return {
      types: [error.code, error.type],
      message: error.message ?? body.error ?? body.detail,
    };
  },
};
