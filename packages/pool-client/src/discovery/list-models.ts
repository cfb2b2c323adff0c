import type { Clock } from '../clock.ts';
import type { Transport } from '../wire/transport.ts';
import type { ServerTarget } from './backend-target.ts';
import { getWithin } from './get-within.ts';
import { listingPath, parseListing } from './model-listing.ts';

/** The models that a server says it serves, at least one, sorted; or why they are not known. */
export type ServerModels =
  | { readonly kind: 'models'; readonly models: readonly string[] }
  | { readonly kind: 'failed'; readonly problem: string };

const TIMEOUT_MS = 3_000;
// DJL lists 100 models a page; a server that never comes to its last page must not be asked for ever.
const MAX_PAGES = 20;

/** Asks a server which models it serves; at most 3 s for each page of its answer. */
export async function listModels(
  server: ServerTarget,
  transport: Transport,
  clock: Clock,
  signal: AbortSignal,
): Promise<ServerModels> {
  const basePath = new URL(server.url).pathname.replace(/\/$/, '');
  const models = new Set<string>();
  let page: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const path = basePath + listingPath(server.protocol, page);
    const failed = (problem: string) =>
      ({ kind: 'failed', problem: `GET ${new URL(path, server.url)} ${problem}` }) as const;
    const request = { path, headers: { accept: 'application/json' } };
    const outcome = await getWithin(transport, request, TIMEOUT_MS, clock, signal);
    if (outcome.kind === 'failed') return failed(outcome.problem);
    const listing = parseListing(server.protocol, outcome.response.body.toString('utf8'));
    if (listing.kind === 'bad') return failed(listing.problem);
    for (const model of listing.models) models.add(model);
    page = listing.nextPage;
    if (page === undefined) {
      // A server that has just started may list nothing yet: asked again soon, and never a reason to drop what it had.
      return models.size === 0 ? failed('lists no models') : { kind: 'models', models: [...models].sort() };
    }
  }
  return { kind: 'failed', problem: `${server.url} lists its models on more than ${MAX_PAGES} pages` };
}
