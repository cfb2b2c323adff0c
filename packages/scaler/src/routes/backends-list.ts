import { isOutage } from '../reconcile/ending.ts';
import type { GroupState, Priority, StoredReplica } from '../store/store.ts';
import type { GroupSettings } from '../values/group-settings.ts';

/** What `GET /v1/backends` answers; gateways poll it every second. */
export interface BackendsList {
  readonly backends: readonly {
    readonly id: string;
    readonly url: string;
    readonly class: string;
    readonly state: 'starting' | 'ready' | 'draining';
  }[];
  readonly tenants: readonly { readonly id: string; readonly weight: number }[];
}

/** All replicas whose address is known; those that are being ended drain until they are gone. */
export function backendsList(
  groups: readonly { readonly settings: GroupSettings; readonly state: GroupState }[],
  priorities: readonly Priority[],
): BackendsList {
  return {
    backends: groups.flatMap(({ settings, state }) => {
      const isDoubtful = areUnreachable(state);
      return state.replicas.flatMap((replica) => {
        const { id, url } = replica;
        if (url === undefined) return [];
        return [{ id, url, class: settings.class, state: listedState(replica, isDoubtful) }];
      });
    }),
    tenants: priorities.map((priority) => ({ id: priority.id, weight: tenantWeight(priority) })),
  };
}

/**
 * A priority as a tenant's weight in gateways' fair queues, where a tenant that isn't listed has 1: two steps of priority double it,
 * and 50 % of allocation add once the same again: 2^((priority − 5) / 2) · (1 + resource_allocation / 50), rounded to thousandths.
 * So 5 and 0 % weigh 1, as if it weren't listed; the example of document 004, 8 and 30 %, weighs 2^1.5 · 1.6 = 4.525 and gets 82 % while it
 * competes with one tenant that isn't listed; 0 and 0 % weigh 0.177, 10 and 100 % weigh 16.971.
 */
export function tenantWeight({ priority, resourceAllocation }: Priority): number {
  const weight = 2 ** ((priority - 5) / 2) * (1 + resourceAllocation / 50);
  return Math.round(weight * 1_000) / 1_000;
}

/** What is unhealthy or on its way out gets no new work, and what it still has is finished. */
function listedState(replica: StoredReplica, isDoubtful: boolean): 'starting' | 'ready' | 'draining' {
  const { kind } = replica.state;
  if (kind === 'launching') return 'starting';
  return kind === 'ready' || (isDoubtful && isUnhealthyByList(replica)) ? 'ready' : 'draining';
}

/**
 * Most of a group, and more than one, can't be reached from here: it may be the way there that has failed. Gateways go another way and see for
 * themselves which of them work; told that all of them drain they would serve nobody.
 */
function areUnreachable({ replicas: rows, desired: target }: GroupState): boolean {
  return target !== undefined && isOutage({ rows, target }) && rows.filter(isUnhealthyByList).length > 1;
}

function isUnhealthyByList({ state }: StoredReplica): boolean {
  return state.kind === 'unhealthy' && state.by === 'list';
}
