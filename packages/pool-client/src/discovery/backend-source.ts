import type { BackendEntry } from '../backend-entry.ts';
import type { Clock } from '../clock.ts';
import type { TransportFactory } from '../wire/transport.ts';
import type { AddressPolicy } from './address-policy.ts';

/** How much of the backends' time a tenant gets when all want some, relative to the others; above 0. */
export interface TenantWeight {
  readonly id: string;
  readonly weight: number;
}

/** What one source knows now. */
export type SourceSnapshot =
  /** It has never shown a backend: a list unread or empty, a name unresolved, a server that doesn't say its models. */
  | { readonly kind: 'pending'; readonly reason: string; readonly tenants?: readonly TenantWeight[] }
  | {
      readonly kind: 'listed';
      /** The whole list; what left it is drained. */
      readonly entries: readonly BackendEntry[];
      /** False while one of its servers has not been asked once for its models. */
      readonly complete: boolean;
      readonly tenants?: readonly TenantWeight[];
      /** Why this list may be out of date or lacks something. */
      readonly problem?: string;
      /** The name whose addresses the entries are. */
      readonly resolvedFrom?: string;
    };

/** A place that backends are listed in. */
export interface BackendSource {
  /** Shown to operators; unique in a pool. */
  readonly name: string;
  /**
   * Reports what it knows, at least once and then whenever it has looked again. A source that fails after it has
   * listed keeps its last list and says its problem. Resolves when there is nothing more to find out or soon after
   * `signal` is aborted, its connections closed; rejects only on a fault of its own.
   */
  run(report: (snapshot: SourceSnapshot) => void, signal: AbortSignal): Promise<void>;
}

/** What sources reach the world with. */
export interface SourceDependencies {
  readonly clock: Clock;
  /** Must itself check the addresses that names resolve to against `policy`. */
  readonly transportFactory: TransportFactory;
  readonly policy: AddressPolicy;
}
