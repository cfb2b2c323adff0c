import type { DialectName } from '../dialects/dialect.ts';

/** An embedding route that a path names. */
export interface EmbeddingPath {
  readonly dialect: DialectName;
  /** Percent-decoded, or as it came where it can't be decoded; undefined where the route names no model. */
  readonly pathModel: string | undefined;
}

/** A path with its query string's values; of a name that comes twice the last. */
export interface EmbeddingRoute {
  readonly path: EmbeddingPath;
  readonly query: Readonly<Record<string, string>>;
}

const FIXED: ReadonlyMap<string, DialectName> = new Map([
  ['/invocations', 'djl'],
  ['/v1/embeddings', 'openai'],
  ['/embeddings', 'openai'],
  ['/embed', 'tei'],
]);

const PREDICTIONS = /^\/predictions\/([^/]+)(?:\/([^/]+))?$/;
const INVOKE = /^\/models\/([^/]+)(?:\/([^/]+))?\/invoke$/;
/** What may stand after a model's name in DJL's routes: `1.0`, `v2`. Anything else has an organisation before it. */
const VERSION = /^v?\d[\w.-]*$/;

/** The embedding route of a path; undefined for any other path. A version after DJL's model name is let pass. */
export function embeddingPath(pathname: string): EmbeddingPath | undefined {
  const path = pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
  const fixed = FIXED.get(path);
  if (fixed) return { dialect: fixed, pathModel: undefined };
  const [, first, second] = PREDICTIONS.exec(path) ?? INVOKE.exec(path) ?? [];
  if (first === undefined) return undefined;
  const name = second === undefined || VERSION.test(second) ? first : `${first}/${second}`;
  return { dialect: 'djl', pathModel: decoded(name) };
}

/** What the URL of an embedding route says; undefined for any other URL. */
export function embeddingRoute(url: string): EmbeddingRoute | undefined {
  const queryAt = url.indexOf('?');
  const path = embeddingPath(queryAt < 0 ? url : url.slice(0, queryAt));
  const query = queryAt < 0 ? {} : Object.fromEntries(new URLSearchParams(url.slice(queryAt + 1)));
  return path && { path, query };
}

/** The dialect that a path without a route is answered in. */
export function dialectOfPath(pathname: string): DialectName {
  if (pathname.startsWith('/v1/')) return 'openai';
  return pathname === '/embed' || pathname === '/info' || pathname === '/health' ? 'tei' : 'djl';
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // a stray percent sign names no model, and the caller is told so
  }
}
