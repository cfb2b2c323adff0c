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
  /** Nothing is launched now: earlier start-ups failed. */
  readonly launchesHeld: boolean;
}

/** What is left to do for the driver; undefined when the platform has what the rows say. The same rows and list give the same order. */
export function orderOf({
  group,
  target,
  rows,
  observed,
  launchesHeld,
  ...driver
}: Outstanding): ScaleOrder | undefined {
  const exists = new Set(observed.filter(({ state }) => state !== 'gone').map(({ id }) => id));
  const ending = rows.filter((row) => isEnding(row) && exists.has(row.id));
  const remove = ending.map(({ id }) => id);
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
  const existing = exists.size - uncounted;
  // To end one is to have another launched, unless there are too many.
  const waits = launchesHeld && existing <= desired;
  const now = waits ? ending.filter((row) => !didNotStart(row)).map(({ id }) => id) : remove;
  if (now.length === 0 && existing === desired) return undefined;
  return { group, desired, launch: [], remove: now };
}

function didNotStart({ state }: StoredReplica): boolean {
  return state.kind === 'terminating' && (state.cause === 'failed' || state.cause === 'launch_timeout');
}

function isLeaving({ state }: StoredReplica): boolean {
  return (state.kind === 'ready' || state.kind === 'draining') && state.leaving !== undefined;
}

function isEnding({ state }: StoredReplica): boolean {
  return state.kind === 'terminating';
}
