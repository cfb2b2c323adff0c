import { classifyFailure, type FailureTable, isSuccess } from './classify-failure.ts';
import { jsonHeaders } from './json-headers.ts';
import type { FailureKind, Protocol } from './protocol.ts';
import { readVectorList } from './read-vector-list.ts';

/** Hugging Face's text-embeddings-inference. The backend's URL is the server's root: `http://host:8080`. */
export const tei: Protocol = {
  name: 'tei',
  toWire: (texts) => ({
    pathSuffix: '/embed',
    headers: jsonHeaders,
    // `truncate`: cut long texts like the other servers do, instead of refusing the batch.
    body: JSON.stringify({ inputs: texts, truncate: true }),
  }),
  fromWire: (response, count) =>
    isSuccess(response.status) ? readVectorList(response, count) : classifyFailure(response, teiFailures),
};

const teiFailures: FailureTable = {
  types: new Map<string, FailureKind>([
    ['Validation', 'input'],
    ['Tokenizer', 'input'],
    ['Empty', 'input'],
    ['Overloaded', 'overloaded'],
    ['Backend', 'unavailable'],
    ['Unhealthy', 'unavailable'],
  ]),
  // A batch over --max-client-batch-size is a `Validation` too: "batch size 64 > maximum allowed batch size 32".
  tooLarge: /maximum allowed batch size/i,
  read: ({ error, error_type }) => ({ types: [error_type], message: error }),
};
