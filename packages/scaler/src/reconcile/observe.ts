import type { StoredReplica } from '../store/store.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import type { ObservedReplica } from '../values/replica.ts';
import type { ReplicaReport } from '../values/replica-report.ts';
import { liesAhead, transition } from './transition.ts';

/** What the driver's list and the reports say against what is remembered. */
export interface Observation {
  readonly group: Pick<GroupSettings, 'name'>;
  readonly rows: readonly StoredReplica[];
  readonly observed: readonly ObservedReplica[];
  /** Oldest first; those about others are left aside. */
  readonly reports: readonly ReplicaReport[];
  readonly namesReplicas: boolean;
  readonly choosesRemoved: boolean;
  readonly strangers: 'adopt' | 'end';
  readonly listGraceSeconds: number;
  readonly startsOnce: boolean;
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
  /** Replicas that ended although nobody asked them to, and why where the platform says so. */
  readonly lost: readonly { readonly id: string; readonly because?: string }[];
  /** Ids that were not known before. */
  readonly adopted: readonly string[];
}

/** Brings rows up to date. A row that was never seen is a launch not carried out yet, and stays. */
export function observe(observation: Observation): Observed {
  const { rows, observed, nowMs } = observation;
  const seen = new Map(observed.map((each) => [each.id, each]));
  const known = new Set(rows.map(({ id }) => id));
  const lost: { id: string; because?: string }[] = [];
  const startupSeconds: number[] = [];
  const kept = rows.flatMap((row): readonly StoredReplica[] => {
    const as = seen.get(row.id);
    const now = as === undefined ? unlisted(row, observation) : updated(row, as, observation);
    if (now.state.kind === 'terminated') {
      if (row.state.kind !== 'terminating')
        lost.push({ id: row.id, ...(as?.note !== undefined && { because: as.note }) });
      return [];
    }
    const after = heeding(now, observation);
    if (
      row.state.kind === 'launching' &&
      after.state.kind === 'ready' &&
      observation.lastListAtMs !== undefined
    )
      startupSeconds.push(Math.max(0, nowMs - row.launchedAtMs) / 1_000);
    return [after];
  });
  const unknown = observed.filter(({ id, state }) => !known.has(id) && state !== 'gone');
  return {
    rows: [...kept, ...unknown.map((each) => heeding(adopt(each, observation), observation))],
    startupSeconds,
    lost: unasked(lost, observation),
    adopted: unknown.map(({ id }) => id),
  };
}

/** A launch not seen yet is awaited; what was launched a moment ago may only be missing in a list that is late. */
function unlisted(
  row: StoredReplica,
  { namesReplicas, listGraceSeconds, nowMs }: Observation,
): StoredReplica {
  if (row.state.kind === 'terminating') return transition(row, { kind: 'vanished' }, nowMs);
  const awaited = namesReplicas && row.seenAtMs === undefined;
  const late = row.seenAtMs !== undefined && nowMs - row.launchedAtMs < listGraceSeconds * 1_000;
  return awaited || late ? row : transition(row, { kind: 'vanished' }, nowMs);
}

function updated(
  row: StoredReplica,
  listed: ObservedReplica,
  { startsOnce, nowMs }: Observation,
): StoredReplica {
  const isSilent = startsOnce && listed.state === 'starting' && isReadyByList(row);
  const as: ObservedReplica = isSilent
    ? { ...listed, state: 'unhealthy', note: 'it does not answer' }
    : listed;
  const { url = row.url, machine = row.machine } = as;
  const named: StoredReplica = {
    ...row,
    seenAtMs: row.seenAtMs ?? nowMs,
    ...(url !== undefined && { url }),
    ...(machine !== undefined && { machine }),
  };
  return transition(named, { kind: 'listed', as }, nowMs);
}

/** One that said so itself is ready whatever a list makes of it. */
function isReadyByList({ state, saidReadyAtMs }: StoredReplica): boolean {
  return state.kind === 'ready' && saidReadyAtMs === undefined;
}

/** With what it said of itself, and what its platform said of its machine. */
export function heeding(
  row: StoredReplica,
  { reports, rows, nowMs }: Pick<Observation, 'reports' | 'rows' | 'nowMs'>,
): StoredReplica {
  // How a machine is says nothing of each replica on it; that it is taken away does.
  const isShared = rows.some(
    ({ id, machine }) => id !== row.id && machine !== undefined && machine === row.machine,
  );
  return reports
    .filter(
      ({ kind, about, atMs }) =>
        (about === row.id || (about === row.machine && (kind === 'leaving' || !isShared))) &&
        atMs >= row.launchedAtMs &&
        (kind === 'leaving' || !liesAhead(atMs, nowMs)),
    )
    .reduce((now, report) => transition(now, { kind: 'reported', report }, nowMs), row);
}

/** Before a group's first tick nobody can know any: those of a state file that was lost are taken over. */
function adopt(observed: ObservedReplica, observation: Observation): StoredReplica {
  const { group, nowMs, strangers, desired } = observation;
  const row: StoredReplica = {
    id: observed.id,
    group: group.name,
    launchedAtMs: observed.launchedAtMs ?? nowMs,
    state: { kind: 'launching' },
  };
  const adopted = updated(row, observed, observation);
  if (desired === undefined) return takenOver(adopted, observed, nowMs);
  if (strangers === 'adopt') return adopted;
  return transition(adopted, { kind: 'end', cause: 'stranger', because: 'nobody remembers it' }, nowMs);
}

/**
 * One that was there before anything is remembered, as when a state file is lost: it may serve although nobody knows that it is ready. One that only reports
 * itself, and had the time to, is taken at its last word; any other has the time of a start-up to answer.
 */
function takenOver(row: StoredReplica, { reportsItself }: ObservedReplica, nowMs: number): StoredReplica {
  if (row.state.kind !== 'launching') return row;
  if (reportsItself && nowMs - row.launchedAtMs > REPORTS_WITHIN_MS) {
    const report = { kind: 'ready', about: row.id, because: 'it was there before', atMs: nowMs } as const;
    return transition(row, { kind: 'reported', report }, nowMs);
  }
  return { ...row, launchedAtMs: nowMs };
}

/** A host that is up has said so by then. */
const REPORTS_WITHIN_MS = 600_000;

/** Where the platform chooses who goes, those went unasked that are missing to the ordered count. */
function unasked<Lost>(
  gone: readonly Lost[],
  { choosesRemoved, desired = 0, observed }: Observation,
): readonly Lost[] {
  const existing = observed.filter(({ state }) => state !== 'gone').length;
  return choosesRemoved ? gone : gone.slice(0, Math.max(0, desired - existing));
}
