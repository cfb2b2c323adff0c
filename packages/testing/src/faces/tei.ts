import {
  type Face,
  type FaceRequest,
  nestedArrays,
  type ParsedRequest,
  parseJson,
  type Served,
} from './face.ts';

/** `POST /embed` as text-embeddings-inference has it: a list of vectors, also for a single text. */
export const tei: Face = {
  parse,
  answerHeaders: () => ['content-type', 'application/json'],
  errorBody: ({ status, type, message }) =>
    JSON.stringify({ error: message, error_type: errorType(status, type) }),
  resetsAfterErrors: false,
};

function parse(request: FaceRequest, { models: [model = ''], maxClientBatchSize }: Served): ParsedRequest {
  const parsed = parseJson(request.body.toString('utf8'));
  const inputs =
    typeof parsed === 'object' && parsed !== null && 'inputs' in parsed ? parsed.inputs : undefined;
  const texts = typeof inputs === 'string' ? [inputs] : inputs;
  if (!Array.isArray(texts) || !texts.every(isText)) {
    return refused(422, 'Validation', '`inputs` must be a text or a list of texts');
  }
  if (texts.length === 0) return refused(400, 'Empty', '`inputs` cannot be empty');
  if (texts.length > maxClientBatchSize) {
    const message = `batch size ${texts.length} > maximum allowed batch size ${maxClientBatchSize}`;
    return refused(422, 'Validation', message);
  }
  return { kind: 'embed', model, texts, render: nestedArrays };
}

/** TEI has few kinds of errors: those of DJL go into the nearest. */
function errorType(status: number, type: string): string {
  if (!type.endsWith('Exception')) return type === '' ? 'Validation' : type;
  if (type === 'WlmCapacityException') return 'Overloaded';
  if (type === 'WlmException') return 'Unhealthy';
  return status < 500 ? 'Validation' : 'Backend';
}

function isText(item: unknown): item is string {
  return typeof item === 'string';
}

function refused(status: number, type: string, message: string): ParsedRequest {
  return { kind: 'refused', refusal: { status, type, message } };
}
