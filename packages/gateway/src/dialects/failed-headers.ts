import type { ChunkFailure } from './dialect.ts';

/** Most indices in one header: proxies refuse headers of more than a few kilobytes. */
const MAX_LISTED = 100;

/**
 * Which texts of a partial answer have no vector: `x-forebay-failed` lists the first 100 of their positions,
 * `x-forebay-failed-count` counts them all. None of both where nothing failed.
 */
export function failedHeaders(failures: readonly ChunkFailure[] = []): Readonly<Record<string, string>> {
  if (failures.length === 0) return NONE;
  const listed = failures.slice(0, MAX_LISTED).map(({ index }) => index);
  return { 'x-forebay-failed': listed.join(), 'x-forebay-failed-count': String(failures.length) };
}

const NONE = Object.freeze({});
