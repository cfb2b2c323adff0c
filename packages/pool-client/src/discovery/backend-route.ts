import type { ProtocolName } from '../protocol/protocol.ts';

/** Which model a backend's URL names, or that its server has to be asked. */
export type BackendRoute =
  | { readonly kind: 'model'; readonly url: string; readonly model: string }
  | { readonly kind: 'server'; readonly url: string }
  | { readonly kind: 'invalid'; readonly problem: string };

/**
 * Reads the path of a backend's URL as its protocol means it. `model` is the name given beside the URL; on a
 * `/predictions/{model}` route it only renames the model in the pool.
 */
export function routeOf(url: URL, protocol: ProtocolName, model: string | undefined): BackendRoute {
  const path = url.pathname.replace(/\/+$/, '');
  const base = `${url.origin}${path}`;
  switch (protocol) {
    case 'djl':
      return djlRoute(url.origin, path, model);
    case 'openai':
      if (path.endsWith('/embeddings')) return baseNeeded(base, '/embeddings');
      return modelOrServer(path === '' ? `${base}/v1` : base, model);
    case 'tei':
      if (/\/(embed|embed_all|info)$/.test(path)) return baseNeeded(base, path.slice(path.lastIndexOf('/')));
      return modelOrServer(base, model);
  }
}

function djlRoute(origin: string, path: string, model: string | undefined): BackendRoute {
  if (path === '') {
    return model === undefined
      ? { kind: 'server', url: origin }
      : { kind: 'model', url: `${origin}/predictions/${encodeURIComponent(model)}`, model };
  }
  const url = `${origin}${path}`;
  const segment = PREDICTIONS.exec(path)?.[1];
  if (segment !== undefined) {
    const named = model ?? decode(segment);
    return named === undefined
      ? { kind: 'invalid', problem: `the model ${segment} in its path is not percent-encoded UTF-8` }
      : { kind: 'model', url, model: named };
  }
  if (INVOCATIONS.test(path)) {
    return model === undefined
      ? { kind: 'invalid', problem: '/invocations does not name its model, add ;model=NAME' }
      : // DJL finds the model by the query here; a server with a single model doesn't mind.
        { kind: 'model', url: `${url}?model_name=${encodeURIComponent(model)}`, model };
  }
  return {
    kind: 'invalid',
    problem: `the path ${path} is none of DJL's: /predictions/{model}, /invocations with ;model=NAME, or no path for all its models`,
  };
}

const PREDICTIONS = /^(?:\/.*)?\/predictions\/([^/]+)(?:\/[^/]+)?$/;
const INVOCATIONS = /^(?:\/.*)?\/invocations$/;

function modelOrServer(url: string, model: string | undefined): BackendRoute {
  return model === undefined ? { kind: 'server', url } : { kind: 'model', url, model };
}

function baseNeeded(url: string, ending: string): BackendRoute {
  return {
    kind: 'invalid',
    problem: `give the base URL, ${url.slice(0, -ending.length)}; ${ending} is added to it`,
  };
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Only thrown for a malformed escape: said to the caller as `undefined`.
    return undefined;
  }
}
