import type { StoredReplica } from '../store/store.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import type { ObservedReplica } from '../values/replica.ts';

/** What the driver's list says against what is remembered. */
export interface Observation {
  readonly group: Pick<GroupSettings, 'name'>;
  readonly rows: readonly StoredReplica[];
  readonly observed: readonly ObservedReplica[];
  readonly namesReplicas: boolean;
  readonly choosesRemoved: boolean;
  /** The ordered count; undefined before the group's first tick. */
  readonly desired: number | undefined;
  readonly nowMs: number;
  /** When the list was read before, if that was not long ago: else nobody knows when a replica became ready. */
  readonly lastListAtMs: number | undefined;
}

/** Rows as they are now. */
export interface Observed {
  readonly rows: readonly StoredReplica[];
  /** Start-ups that came to their end since the list was read before, in seconds. */
  readonly startupSeconds: readonly number[];
  /** Ids of replicas that ended although nobody asked them to. */
  readonly lost: readonly string[];
  /** Ids that were not known before. */
  readonly adopted: readonly string[];
}

/** Brings rows up to date. A row that was never seen is a launch not carried out yet, and stays. */
export function observe(observation: Observation): Observed {
  const { rows, observed, group, nowMs } = observation;
  const seen = new Map(observed.map((each) => [each.id, each]));
  const known = new Set(rows.map(({ id }) => id));
  const startupSeconds: number[] = [];
  const lost: string[] = [];
  const kept = rows.flatMap((row) => {
    const now = seen.get(row.id);
    if (now === undefined) {
      const awaited = observation.namesReplicas && row.seenAtMs === undefined && row.removing === undefined;
      if (awaited) return [row];
      if (row.removing === undefined) lost.push(row.id);
      return [];
    }
    if (row.state.kind === 'starting' && now.state === 'ready' && observation.lastListAtMs !== undefined) {
      startupSeconds.push(Math.max(0, nowMs - row.launchedAtMs) / 1_000);
    }
    return [updated(row, now, nowMs)];
  });
  const adopted = observed.filter(({ id }) => !known.has(id));
  return {
    rows: [...kept, ...adopted.map((each) => adopt(each, group.name, nowMs))],
    startupSeconds,
    lost: unasked(lost, observation),
    adopted: adopted.map(({ id }) => id),
  };
}

/** Where the platform chooses who goes, those went unasked that are missing to the ordered count. */
function unasked(
  gone: readonly string[],
  { choosesRemoved, desired = 0, observed }: Observation,
): readonly string[] {
  return choosesRemoved ? gone : gone.slice(0, Math.max(0, desired - observed.length));
}

function updated(row: StoredReplica, now: ObservedReplica, nowMs: number): StoredReplica {
  const url = now.url ?? row.url;
  const base: StoredReplica = { ...row, seenAtMs: row.seenAtMs ?? nowMs, ...(url !== undefined && { url }) };
  if (now.state === 'failed' && row.removing === undefined) {
    return { ...base, removing: { sinceMs: nowMs, because: now.note ?? 'it failed' } };
  }
  if (row.state.kind === 'starting' && now.state === 'ready') {
    return { ...base, state: { kind: 'ready', readyAtMs: nowMs } };
  }
  // A replica that starts again, as platforms restart containers, takes no work meanwhile.
  if (row.state.kind === 'ready' && now.state === 'starting') {
    return { ...base, state: { kind: 'starting' }, launchedAtMs: nowMs };
  }
  return base;
}

function adopt(observed: ObservedReplica, group: string, nowMs: number): StoredReplica {
  const { id, url, note } = observed;
  return {
    id,
    group,
    ...(url !== undefined && { url }),
    launchedAtMs: observed.launchedAtMs ?? nowMs,
    seenAtMs: nowMs,
    state: observed.state === 'ready' ? { kind: 'ready', readyAtMs: nowMs } : { kind: 'starting' },
    ...(observed.state === 'failed' && { removing: { sinceMs: nowMs, because: note ?? 'it failed' } }),
  };
}
