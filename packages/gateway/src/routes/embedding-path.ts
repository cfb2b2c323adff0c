import type { DialectName } from '../dialects/dialect.ts';

/** An embedding route that a path names. */
export interface EmbeddingPath {
  readonly dialect: DialectName;
  /** Percent-decoded; undefined where the route names no model, null where it can't be decoded. */
  readonly pathModel: string | undefined;
}

const FIXED: Readonly<Record<string, DialectName>> = {
  '/invocations': 'djl',
  '/v1/embeddings': 'openai',
  '/embeddings': 'openai',
  '/embed': 'tei',
};

const PREDICTIONS = /^\/predictions\/([^/]+)(?:\/[^/]+)?\/?$/;
const INVOKE = /^\/models\/([^/]+)\/invoke\/?$/;

/** The embedding route of a path; undefined for any other path. A version after DJL's model name is let pass. */
export function embeddingPath(pathname: string): EmbeddingPath | undefined {
  const fixed = FIXED[pathname];
  if (fixed) return { dialect: fixed, pathModel: undefined };
  const name = (PREDICTIONS.exec(pathname) ?? INVOKE.exec(pathname))?.[1];
  if (name === undefined) return undefined;
  try {
    return { dialect: 'djl', pathModel: decodeURIComponent(name) };
  } catch {
    return { dialect: 'djl', pathModel: name }; // a stray percent sign names no model, and is told so
  }
}

/** The dialect that a path without a route is answered in. */
export function dialectOfPath(pathname: string): DialectName {
  if (pathname.startsWith('/v1/')) return 'openai';
  return pathname === '/embed' || pathname === '/info' || pathname === '/health' ? 'tei' : 'djl';
}
