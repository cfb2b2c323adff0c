import type { BackendEntry } from '../backend-entry.ts';
import type { AddressPolicy } from './address-policy.ts';
import type { SourceSnapshot, TenantWeight } from './backend-source.ts';

/** What all sources together know. */
export interface MergedBackends {
  readonly entries: readonly BackendEntry[];
  /** Sources that have never shown a backend, with the reason. */
  readonly pendingSources: readonly { readonly name: string; readonly reason: string }[];
  readonly problems: readonly { readonly source: string; readonly problem: string }[];
  /** Entries that are listed where no backend may be. */
  readonly refused: readonly RefusedBackend[];
  /** By the first source that names a tenant. */
  readonly tenants: readonly TenantWeight[];
}

/** A backend that a source lists and `ALLOWED_BACKENDS` does not let in. */
export interface RefusedBackend {
  readonly source: string;
  readonly id: string;
  readonly url: string;
  readonly reason: string;
}

/** The reason of a source that has reported nothing. */
export const NOT_TRIED_YET = 'it has not been tried yet';

/** Puts the sources' snapshots together, in their order; `undefined` is a source that has reported nothing yet. */
export function mergeSnapshots(
  snapshots: ReadonlyMap<string, SourceSnapshot | undefined>,
  policy: AddressPolicy,
): MergedBackends {
  const entries = new Map<string, { readonly entry: BackendEntry; readonly source: string }>();
  const tenants = new Map<string, TenantWeight>();
  const pendingSources: { name: string; reason: string }[] = [];
  const problems: { source: string; problem: string }[] = [];
  const refused: RefusedBackend[] = [];
  for (const [source, snapshot] of snapshots) {
    for (const tenant of snapshot?.tenants ?? []) {
      if (!tenants.has(tenant.id)) tenants.set(tenant.id, tenant);
    }
    if (snapshot?.kind !== 'listed') {
      pendingSources.push({ name: source, reason: snapshot?.reason ?? NOT_TRIED_YET });
      continue;
    }
    if (snapshot.problem !== undefined) problems.push({ source, problem: snapshot.problem });
    for (const entry of snapshot.entries) {
      const reason = refusal(entry, snapshot.resolvedFrom, policy);
      const first = entries.get(entry.id);
      if (reason !== undefined) refused.push({ source, id: entry.id, url: entry.url, reason });
      else if (first !== undefined) problems.push({ source, problem: duplicate(entry, first) });
      else entries.set(entry.id, { entry, source });
    }
  }
  return {
    entries: [...entries.values()].map(({ entry }) => entry),
    pendingSources,
    problems,
    refused,
    tenants: [...tenants.values()],
  };
}

function refusal(entry: BackendEntry, resolvedFrom: string | undefined, policy: AddressPolicy) {
  const { hostname } = new URL(entry.url);
  const verdict = policy.allowsHost(hostname);
  if (verdict.kind !== 'refused') return undefined;
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return resolvedFrom !== undefined && policy.allows(address, resolvedFrom) ? undefined : verdict.reason;
}

function duplicate(entry: BackendEntry, first: { readonly entry: BackendEntry; readonly source: string }) {
  return `${entry.url} is left out: the id ${entry.id} is ${first.entry.url} of ${first.source}`;
}
