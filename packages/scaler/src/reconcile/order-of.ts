import type { ScaleOrder } from '../drivers/driver.ts';
import type { StoredReplica } from '../store/store.ts';
import type { ObservedReplica } from '../values/replica.ts';
import { isActive } from './plan.ts';

export interface Outstanding {
  readonly group: string;
  readonly target: number;
  readonly rows: readonly StoredReplica[];
  readonly observed: readonly ObservedReplica[];
  readonly namesReplicas: boolean;
  readonly choosesRemoved: boolean;
}

/** What is left to do for the driver; undefined when the platform has what the rows say. The same rows and list give the same order. */
export function orderOf({ group, target, rows, observed, ...driver }: Outstanding): ScaleOrder | undefined {
  const exists = new Set(observed.filter(({ state }) => state !== 'gone').map(({ id }) => id));
  const remove = rows.filter((row) => isEnding(row) && exists.has(row.id)).map(({ id }) => id);
  const staying = rows.filter((row) => !isEnding(row));
  if (driver.namesReplicas) {
    const launch = staying
      .filter((row) => isActive(row) && row.seenAtMs === undefined && !exists.has(row.id))
      .map(({ id }) => id);
    if (launch.length === 0 && remove.length === 0) return undefined;
    return { group, desired: staying.length, launch, remove };
  }
  const replaced = new Set(observed.filter((each) => each.replaced).map(({ id }) => id));
  const uncounted = staying.filter((row) => isLeaving(row) && replaced.has(row.id)).length;
  // Draining, leaving and unhealthy ones exist beside those that were asked for, for as long as they do, but for those that their platform replaces.
  const beside = staying.filter((row) => !isActive(row)).length - uncounted;
  const desired = driver.choosesRemoved ? target + beside : target;
  if (remove.length === 0 && exists.size - uncounted === desired) return undefined;
  return { group, desired, launch: [], remove };
}

function isLeaving({ state }: StoredReplica): boolean {
  return (state.kind === 'ready' || state.kind === 'draining') && state.leaving !== undefined;
}

function isEnding({ state }: StoredReplica): boolean {
  return state.kind === 'terminating';
}
