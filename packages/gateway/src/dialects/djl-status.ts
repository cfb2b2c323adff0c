import type { RenderedText } from './dialect.ts';
import type { ServedModel } from './served-model.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };

/** `GET /models`: `modelUrl` is the route at this gateway, so that a client can follow it. */
export function djlModels(models: readonly ServedModel[]): RenderedText {
  const listed = models.map(({ name, status }) => ({
    modelName: name,
    modelUrl: `/predictions/${encodeURIComponent(name)}`,
    status,
  }));
  return { status: 200, headers: JSON_HEADERS, body: `${JSON.stringify({ models: listed })}\n` };
}

/** `GET /ping`: each model's status under its name; 503 while the gateway itself is not ready. */
export function djlPing(models: readonly ServedModel[], ready: boolean): RenderedText {
  const body = Object.fromEntries(models.map(({ name, status }) => [name, { status }]));
  return { status: ready ? 200 : 503, headers: JSON_HEADERS, body: `${JSON.stringify(body)}\n` };
}
