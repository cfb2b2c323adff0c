import { PoolError } from '../errors.ts';
import type { BackendSource, SourceDependencies } from './backend-source.ts';
import { type GetOutcome, getWithin } from './get-within.ts';
import { parseListedBackends } from './parse-listed-backends.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';

const INTERVAL_MS = 1_000;
const TIMEOUT_MS = 3_000;

/**
 * `BACKENDS_URL`: a list asked for every second, each time for at most 3 s, with `token` as its bearer.
 *
 * @throws PoolError `POOL_INVALID_OPTIONS` for a URL that is not http or https or has credentials in it
 */
export function httpListSource(
  options: { readonly url: string; readonly token?: string },
  dependencies: SourceDependencies,
): BackendSource {
  const url = parseListUrl(options.url);
  const headers = {
    accept: 'application/json',
    ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
  };
  // Without its query, which may hold a secret.
  const shownUrl = `${url.origin}${url.pathname}`;
  return {
    name: `list ${shownUrl}`,
    async run(report, signal) {
      const { clock } = dependencies;
      await using keeper = new SnapshotKeeper(dependencies, report);
      const transport = dependencies.transportFactory(url.origin);
      try {
        while (!signal.aborted) {
          const startedMs = clock.nowMs();
          const request = { path: url.pathname + url.search, headers };
          const outcome = await getWithin(transport, request, TIMEOUT_MS, clock, signal);
          if (signal.aborted) break;
          accept(outcome, shownUrl, keeper);
          // From start to start, so that a slow answer doesn't make the next `draining` be seen later still.
          await clock.sleep(Math.max(0, startedMs + INTERVAL_MS - clock.nowMs()), signal);
        }
      } finally {
        await transport.close();
      }
    },
  };
}

function accept(outcome: GetOutcome, shownUrl: string, keeper: SnapshotKeeper): void {
  if (outcome.kind === 'failed') {
    keeper.fail(`GET ${shownUrl} ${outcome.problem}`);
    return;
  }
  const parsed = parseListedBackends(outcome.response.body.toString('utf8'));
  if (parsed.kind === 'list') keeper.list(parsed.targets, { tenants: parsed.tenants });
  else keeper.fail(`GET ${shownUrl}: ${parsed.problem}`);
}

function parseListUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new PoolError('POOL_INVALID_OPTIONS', 'BACKENDS_URL must be an http:// or https:// URL');
  }
  if (url.username !== '' || url.password !== '') {
    throw new PoolError(
      'POOL_INVALID_OPTIONS',
      `BACKENDS_URL must have no credentials in it (host ${url.host}); give the token apart, in BACKENDS_TOKEN`,
    );
  }
  return url;
}
