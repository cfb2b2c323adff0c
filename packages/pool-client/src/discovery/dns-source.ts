import { lookup } from 'node:dns/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import type { BackendSource, SourceDependencies } from './backend-source.ts';
import type { DnsTarget } from './backend-target.ts';
import { targetAtAddress } from './parse-backend-url.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';

/** All addresses of a host; rejects when it has none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 5_000;

/**
 * One backend for each address of a name, looked up every 5 s as the machine looks names up. Requests go to the
 * address and carry it as their `Host`; over https the servers need certificates for their addresses.
 */
export function dnsSource(
  target: DnsTarget,
  dependencies: SourceDependencies,
  resolve: ResolveHost = lookupAll,
): BackendSource {
  const model = target.model === undefined ? '' : `;model=${target.model}`;
  return {
    name: `dns+${target.url}${model}`,
    async run(report, signal) {
      const { clock } = dependencies;
      await using keeper = new SnapshotKeeper(dependencies, report);
      let last: readonly string[] = [];
      let failing = true;
      while (!signal.aborted) {
        const found = await resolveWithin(resolve, target.host, clock, signal);
        if (signal.aborted) break;
        if (found.kind === 'failed') {
          keeper.fail(`${target.host} ${found.problem}`);
        } else if (failing || !isDeepStrictEqual(found.addresses, last)) {
          last = found.addresses;
          const targets = last.map((address) => targetAtAddress(target, address));
          keeper.list(targets, { resolvedFrom: target.host });
        }
        failing = found.kind === 'failed';
        await clock.sleep(INTERVAL_MS, signal);
      }
    },
  };
}

async function lookupAll(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

type Found =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  | { readonly kind: 'failed'; readonly problem: string };

/** Sorted and distinct, so that a resolver that turns its answers around changes nothing. */
async function resolveWithin(
  resolve: ResolveHost,
  host: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<Found> {
  const done = new AbortController();
  // A lookup cannot be called off; it is left behind when it takes too long.
  const late = clock
    .sleep(TIMEOUT_MS, AbortSignal.any([signal, done.signal]))
    .then((): Found => ({ kind: 'failed', problem: `was not resolved within ${TIMEOUT_MS} ms` }));
  try {
    return await Promise.race([resolve(host).then(toFound), late]);
  } catch (error) {
    return {
      kind: 'failed',
      problem: `does not resolve: ${error instanceof Error ? error.message : String(error)}`,
    };
  } finally {
    done.abort();
  }
}

function toFound(addresses: readonly string[]): Found {
  // An address with a zone (fe80::1%eth0) is link-local, which is refused, and fits in no URL.
  const usable = [...new Set(addresses)].filter((address) => !address.includes('%')).sort();
  return usable.length === 0
    ? { kind: 'failed', problem: 'has no address that a backend can be at' }
    : { kind: 'found', addresses: usable };
}
