import type { RenderedText } from './dialect.ts';
import type { ServedModel } from './served-model.ts';

/** `GET /v1/models`; `createdS` is when this gateway started, in Unix seconds, for lack of a better date. */
export function openaiModels(models: readonly ServedModel[], createdS: number): RenderedText {
  const data = models.map(({ name }) => ({
    id: name,
    object: 'model',
    created: createdS,
    owned_by: 'forebay',
  }));
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ object: 'list', data }),
  };
}
