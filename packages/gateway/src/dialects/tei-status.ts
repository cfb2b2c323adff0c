import type { RenderedText } from './dialect.ts';
import type { ServedModel } from './served-model.ts';

/** What the gateway can say of itself in TEI's words. */
export interface TeiFacts {
  readonly models: readonly ServedModel[];
  /** Most texts in one request. */
  readonly maxRequestChunks: number;
  /** Tokens after which the model server cuts a text; `undefined` when nobody has told. */
  readonly maxInputTokens?: number;
  /** Version of the gateway. */
  readonly version: string;
}

/** `GET /info`: `model_id` is null before any model is known, the first one when there are several. */
export function teiInfo(facts: TeiFacts): RenderedText {
  const body = {
    model_id: facts.models[0]?.name ?? null,
    model_ids: facts.models.map(({ name }) => name),
    model_sha: null,
    max_client_batch_size: facts.maxRequestChunks,
    max_input_length: facts.maxInputTokens ?? null,
    auto_truncate: true,
    version: facts.version,
    docker_label: null,
  };
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** `GET /health`: an empty 200, or 503 while the gateway is not ready. */
export function teiHealth(ready: boolean): RenderedText {
  if (ready) return { status: 200, headers: {}, body: '' };
  const body = { error: 'the gateway is starting or draining', error_type: 'Unavailable' };
  return { status: 503, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
