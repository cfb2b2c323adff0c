/** What a request asks for, by its path alone. */
export type Route =
  | { readonly kind: 'predict'; readonly model: string | undefined; readonly version: string | undefined }
  | { readonly kind: 'ping' | 'list-models' }
  | { readonly kind: 'describe-model'; readonly model: string }
  | { readonly kind: 'unknown'; readonly path: string };

/** Methods that each kind of route takes; the first is the usual one. */
export const METHODS: Readonly<Record<Exclude<Route['kind'], 'unknown'>, readonly string[]>> = {
  predict: ['POST'],
  ping: ['GET', 'HEAD'],
  'list-models': ['GET', 'HEAD'],
  'describe-model': ['GET', 'HEAD'],
};

/** Finds the route of a request target; names may be percent-encoded, and one trailing slash is allowed. */
export function toRoute(target: string, modelHeader?: string): Route {
  const [path = '', query] = splitOnce(target, '?');
  const unknown: Route = { kind: 'unknown', path };
  const segments = decodeSegments(path);
  if (!segments) return unknown;
  const [first, second, third, ...rest] = segments;
  if (rest.length > 0) return unknown;
  switch (first) {
    case 'ping':
      return second === undefined ? { kind: 'ping' } : unknown;
    case 'invocations': {
      const model = new URLSearchParams(query).get('model_name') ?? modelHeader;
      return second === undefined ? { kind: 'predict', model, version: undefined } : unknown;
    }
    case 'predictions':
      return second === undefined ? unknown : { kind: 'predict', model: second, version: third };
    case 'models':
      if (second === undefined) return { kind: 'list-models' };
      if (third === undefined) return { kind: 'describe-model', model: second };
      return third === 'invoke' ? { kind: 'predict', model: second, version: undefined } : unknown;
    default:
      return unknown;
  }
}

/** The parts between slashes, or nothing when one is empty or not decodable. */
function decodeSegments(path: string): readonly string[] | undefined {
  const parts = path.replace(/\/$/, '').split('/').slice(1);
  if (parts.length === 0 || parts.includes('')) return undefined;
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return undefined; // a stray percent sign names nothing
  }
}

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
