import { ApiStatus } from './api-status.ts';
import type { KubeObject } from './kube-object.ts';

export interface Page {
  readonly items: readonly KubeObject[];
  /** Where the next page begins; undefined on the last. */
  readonly continueToken?: string;
}

/** A part of a list. `generation` stands for the age of tokens: those of another one have expired. */
export function pageOf(
  items: readonly KubeObject[],
  {
    limit,
    token,
    generation,
  }: { readonly limit: number; readonly token: string; readonly generation: number },
): Page {
  const start = token === '' ? 0 : startOf(token, generation);
  if (limit === 0 || start + limit >= items.length) return { items: items.slice(start) };
  const next = `${generation}:${start + limit}`;
  return { items: items.slice(start, start + limit), continueToken: Buffer.from(next).toString('base64url') };
}

function startOf(token: string, generation: number): number {
  const [of, start] = Buffer.from(token, 'base64url').toString().split(':');
  if (Number(of) === generation) return Number(start);
  const message = 'The provided continue parameter is too old to display a consistent list result.';
  throw new ApiStatus(410, 'Expired', message);
}
