import type { EncodedVector } from '../encoded-vector.ts';
import { paddedTokens } from '../service-time.ts';
import { type Face, type FaceRequest, type ParsedRequest, parseJson, type Served } from './face.ts';

/** `POST /v1/embeddings` as OpenAI-compatible servers have it, with `float` and `base64`. */
export const openai: Face = {
  parse,
  answerHeaders: () => ['content-type', 'application/json'],
  errorBody: ({ status, type, message }) =>
    JSON.stringify({
      error: {
        message,
        type: status < 500 && status !== 429 ? 'invalid_request_error' : 'server_error',
        param: null,
        code: type === '' ? null : type,
      },
    }),
  resetsAfterErrors: false,
};

function parse(request: FaceRequest, served: Served): ParsedRequest {
  const parsed = parseJson(request.body.toString('utf8'));
  if (typeof parsed !== 'object' || parsed === null) return invalid('The body must be a JSON object.');
  const {
    model,
    input,
    encoding_format: format = 'float',
  }: Readonly<Record<string, unknown>> = { ...parsed };
  if (typeof model !== 'string') return invalid('model must be a string.');
  if (!served.models.includes(model)) {
    const message = `The model ${model} does not exist.`;
    return { kind: 'refused', refusal: { status: 404, type: 'model_not_found', message } };
  }
  if (format !== 'float' && format !== 'base64') return invalid('encoding_format must be float or base64.');
  const texts = typeof input === 'string' ? [input] : input;
  if (!Array.isArray(texts) || texts.length === 0 || !texts.every(isFilledText)) {
    return invalid('input must be a text or a list of texts, none of them empty.');
  }
  const tokens = texts.reduce((sum, text) => sum + paddedTokens([text]), 0);
  const end = `],"model":${JSON.stringify(model)},"usage":{"prompt_tokens":${tokens},"total_tokens":${tokens}}}`;
  return { kind: 'embed', model, texts, render: (vectors) => render(vectors, format, end) };
}

function render(vectors: readonly EncodedVector[], format: 'float' | 'base64', end: string): Buffer {
  const pieces: Buffer[] = [Buffer.from('{"object":"list","data":[')];
  vectors.forEach((vector, i) => {
    const comma = i === 0 ? '' : ',';
    const embedding = format === 'float' ? vector.json : Buffer.from(`"${vector.floats.toString('base64')}"`);
    pieces.push(Buffer.from(`${comma}{"object":"embedding","index":${i},"embedding":`), embedding, CLOSING);
  });
  pieces.push(Buffer.from(end));
  return Buffer.concat(pieces);
}

const CLOSING = Buffer.from('}');

function isFilledText(item: unknown): item is string {
  return typeof item === 'string' && item !== '';
}

function invalid(message: string): ParsedRequest {
  return { kind: 'refused', refusal: { status: 400, type: 'invalid_request', message } };
}
