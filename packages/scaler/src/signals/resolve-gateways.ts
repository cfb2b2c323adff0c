import { lookup } from 'node:dns/promises';
import { type Deadline, within } from '../within.ts';
import { type GatewayTarget, gatewayAtAddress } from './gateway-targets.ts';

/** All addresses of a host; rejects when it has none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

export type ResolvedTarget =
  | { readonly kind: 'resolved'; readonly urls: readonly string[] }
  | { readonly kind: 'failed'; readonly target: string; readonly reason: string };

/** The gateways of one target right now: each an URL of `/metrics`. Never rejects. */
export async function resolveGateways(
  target: GatewayTarget,
  deadline: Deadline,
  resolve: ResolveHost = lookupAll,
): Promise<ResolvedTarget> {
  if (target.kind === 'gateway') return { kind: 'resolved', urls: [target.url] };
  const name = `dns+${target.url}`;
  const failed = (problem: string): ResolvedTarget => ({
    kind: 'failed',
    target: name,
    reason: `${name}: ${target.host} ${problem}`,
  });
  try {
    const found = await within(deadline, () => resolve(target.host));
    if (found.kind === 'late') return failed(`was not resolved within ${deadline.timeoutMs} ms`);
    if (found.kind === 'aborted') return failed('was not waited for: the scaler is stopping');
    // An address with a zone (fe80::1%eth0) fits in no URL.
    const usable = [...new Set(found.value)].filter((address) => !address.includes('%')).sort();
    if (usable.length === 0) return failed('has no address that a gateway can be at');
    return { kind: 'resolved', urls: usable.map((address) => gatewayAtAddress(target, address)) };
  } catch (error) {
    return failed(`does not resolve: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function lookupAll(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
