import type { RenderedAnswer } from './dialect.ts';

/** A JSON body of these parts, its length counted. */
export function renderedAnswer(
  parts: readonly Buffer[],
  headers: Readonly<Record<string, string>> = {},
): RenderedAnswer {
  let contentLength = 0;
  for (const part of parts) contentLength += part.length;
  return { headers: { 'content-type': 'application/json', ...headers }, parts, contentLength };
}
