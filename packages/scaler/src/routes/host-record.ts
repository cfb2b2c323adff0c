import type { StoredReplica } from '../store/store.ts';
import type { ReplicaState } from '../values/replica.ts';
import type { ReplicaReport } from '../values/replica-report.ts';

/** What a host is as the scaler has settled it, since when, until when at the latest, and why. */
interface HostPhase {
  readonly state: ReplicaState['kind'];
  readonly sinceMs: number;
  readonly deadlineMs?: number;
  readonly because?: string;
}

/** The replica that an id means: its own, or that of its machine. */
export function hostById(rows: readonly StoredReplica[], id: string): StoredReplica | undefined {
  return rows.find((row) => row.id === id) ?? rows.find((row) => row.machine === id);
}

/** A host as the API shows it; null for what isn't known. Ages and what is left are in seconds. */
export function hostRecord(row: StoredReplica, nowMs: number): Readonly<Record<string, unknown>> {
  const { state, sinceMs, deadlineMs, because } = phaseOf(row);
  return {
    id: row.id,
    group: row.group,
    state,
    state_seconds: secondsSince(sinceMs, nowMs),
    deadline_seconds: deadlineMs === undefined ? null : secondsSince(nowMs, deadlineMs),
    because: because ?? null,
    url: row.url ?? null,
    machine: row.machine ?? null,
    age_seconds: secondsSince(row.launchedAtMs, nowMs),
  };
}

/** What a host, or a platform of it, has said, as the API shows it. */
export function reportRecord(report: ReplicaReport, nowMs: number): Readonly<Record<string, unknown>> {
  const { kind, because, atMs } = report;
  const until =
    report.kind === 'leaving' && report.deadlineMs !== undefined
      ? { deadline_seconds: secondsSince(nowMs, report.deadlineMs) }
      : {};
  return { state: kind, because, age_seconds: secondsSince(atMs, nowMs), ...until };
}

function phaseOf({ state, launchedAtMs }: StoredReplica): HostPhase {
  switch (state.kind) {
    case 'launching':
    case 'terminated':
      return { state: state.kind, sinceMs: launchedAtMs };
    case 'ready':
      return { state: 'ready', sinceMs: state.readyAtMs, ...state.leaving };
    case 'draining':
      return { ...state.leaving, state: 'draining', sinceMs: state.sinceMs, deadlineMs: state.deadlineMs };
    case 'unhealthy':
    case 'terminating':
      return { state: state.kind, sinceMs: state.sinceMs, because: state.because };
  }
}

function secondsSince(thenMs: number, nowMs: number): number {
  return Math.max(0, Math.round((nowMs - thenMs) / 1_000));
}
