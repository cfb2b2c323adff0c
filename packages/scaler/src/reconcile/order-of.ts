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
  const exists = new Set(observed.map(({ id }) => id));
  const remove = rows.filter((row) => row.removing !== undefined && exists.has(row.id)).map(({ id }) => id);
  if (driver.namesReplicas) {
    const launch = rows.filter((row) => isActive(row) && !exists.has(row.id)).map(({ id }) => id);
    if (launch.length === 0 && remove.length === 0) return undefined;
    return { group, desired: rows.filter((row) => row.removing === undefined).length, launch, remove };
  }
  const draining = rows.filter((row) => row.state.kind === 'draining' && row.removing === undefined).length;
  const desired = driver.choosesRemoved ? target + draining : target;
  if (remove.length === 0 && observed.length === desired) return undefined;
  return { group, desired, launch: [], remove };
}
