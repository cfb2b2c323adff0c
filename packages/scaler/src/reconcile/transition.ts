import type { StoredReplica } from '../store/store.ts';
import type { EndCause, Leaving, ObservedReplica, ReplicaState } from '../values/replica.ts';
import type { ReplicaReport } from '../values/replica-report.ts';

/** What may happen to a replica. */
export type ReplicaEvent =
  /** The driver lists it. */
  | { readonly kind: 'listed'; readonly as: ObservedReplica }
  /** The driver would list it, and doesn't. */
  | { readonly kind: 'vanished' }
  /** It said so itself, or its platform did. */
  | { readonly kind: 'reported'; readonly report: ReplicaReport }
  | { readonly kind: 'drain'; readonly deadlineMs: number }
  | { readonly kind: 'take-back' }
  | { readonly kind: 'end'; readonly cause: EndCause; readonly because: string };

/**
 * The one place where a replica's state changes; `docs/hosts.md` has it as a table. What is terminating stays so whatever it says of itself,
 * what is gone stays gone, and only a platform that restarts a replica makes it launching again.
 */
export function transition(row: StoredReplica, event: ReplicaEvent, nowMs: number): StoredReplica {
  const { kind } = row.state;
  if (kind === 'terminated') return row;
  if (event.kind === 'vanished' || (event.kind === 'listed' && event.as.state === 'gone')) {
    return { ...row, state: { kind: 'terminated' } };
  }
  if (kind === 'terminating') return row;
  switch (event.kind) {
    case 'listed':
      return listed(row, event.as, nowMs);
    case 'reported':
      return reported(row, event.report, nowMs);
    case 'drain':
      return drained(row, event.deadlineMs, nowMs);
    case 'take-back':
      if (row.state.kind !== 'draining' || row.state.leaving !== undefined) return row;
      return row.state.unready ? { ...row, state: { kind: 'launching' } } : readyNow(row, nowMs);
    case 'end':
      return ended(row, event.cause, event.because, nowMs);
  }
}

function listed(row: StoredReplica, as: ObservedReplica, nowMs: number): StoredReplica {
  const { kind } = row.state;
  const heeded = as.leaving === undefined ? row : toldToLeave(row, as.leaving, nowMs);
  switch (as.state) {
    case 'failed':
      return ended(row, 'failed', as.note ?? 'it failed', nowMs);
    case 'ready':
      return kind === 'launching' || isUnhealthy(row, 'list')
        ? toldToLeaveIf(readyNow(row, nowMs), as, nowMs)
        : heeded;
    case 'unhealthy':
      return kind === 'launching' || kind === 'ready'
        ? {
            ...row,
            state: {
              kind: 'unhealthy',
              sinceMs: nowMs,
              by: 'list',
              because: as.note ?? 'it does not answer',
            },
          }
        : heeded;
    case 'starting':
      // A host that reports itself knows better than a list that only sees a machine run.
      if (row.saidReadyAtMs !== undefined) return isUnhealthy(row, 'list') ? readyNow(row, nowMs) : heeded;
      // A replica that starts again, as platforms restart containers, takes no work meanwhile. What is about to go stays so.
      return kind === 'ready' && row.state.leaving === undefined
        ? { ...row, state: { kind: 'launching' }, launchedAtMs: nowMs }
        : heeded;
    case 'gone':
      return row; // seen to by then
  }
}

/** In a market that is always uneasy a replacement is advised to leave as soon as it serves: each has so long at least. */
const ADVICE_AFTER_MS = 600_000;

function reported(row: StoredReplica, report: ReplicaReport, nowMs: number): StoredReplica {
  const { kind } = row.state;
  if (report.kind === 'leaving') {
    const isYoung = row.state.kind === 'ready' && nowMs - row.state.readyAtMs < ADVICE_AFTER_MS;
    return isYoung && report.deadlineMs === undefined ? row : toldToLeave(row, report, nowMs);
  }
  const { heardAtMs } = row;
  if (heardAtMs !== undefined && report.atMs <= heardAtMs && !liesAhead(heardAtMs, nowMs)) return row;
  const heard = { ...row, heardAtMs: report.atMs };
  if (report.kind === 'ready') {
    const { url = row.url } = report;
    const said = { ...heard, saidReadyAtMs: report.atMs, ...(url !== undefined && { url }) };
    return kind === 'launching' || isUnhealthy(row, 'itself') ? readyNow(said, nowMs) : said;
  }
  return kind === 'launching' || kind === 'ready'
    ? { ...heard, state: { kind: 'unhealthy', sinceMs: nowMs, by: 'itself', because: report.because } }
    : heard;
}

/** Reports may come while a list is read; what lies further ahead was said before the clock was set back. */
export function liesAhead(atMs: number, nowMs: number): boolean {
  return atMs - nowMs > 60_000;
}

/** The earliest deadline counts. Advice waits until a replica serves; a launching one that is taken away is of no use to anybody. */
function toldToLeave(row: StoredReplica, given: Leaving, nowMs: number): StoredReplica {
  const { state } = row;
  const leaving = {
    because: given.because,
    ...(given.deadlineMs !== undefined && { deadlineMs: given.deadlineMs }),
  };
  if (state.kind === 'launching') {
    return leaving.deadlineMs === undefined ? row : ended(row, 'leaving', leaving.because, nowMs);
  }
  if (state.kind !== 'ready' && state.kind !== 'draining') return row;
  const deadlineMs = leaving.deadlineMs ?? Number.POSITIVE_INFINITY;
  if (state.leaving !== undefined && deadlineMs >= (state.leaving.deadlineMs ?? Number.POSITIVE_INFINITY))
    return row;
  const later: ReplicaState =
    state.kind === 'ready'
      ? { ...state, leaving }
      : { ...state, leaving, deadlineMs: Math.min(state.deadlineMs, deadlineMs) };
  return { ...row, state: later };
}

function toldToLeaveIf(row: StoredReplica, { leaving }: ObservedReplica, nowMs: number): StoredReplica {
  return leaving === undefined ? row : toldToLeave(row, leaving, nowMs);
}

function drained(row: StoredReplica, deadlineMs: number, nowMs: number): StoredReplica {
  const { state } = row;
  if (state.kind === 'unhealthy') return row;
  const leaving = state.kind === 'ready' || state.kind === 'draining' ? state.leaving : undefined;
  const lastMs = leaving?.deadlineMs ?? Number.POSITIVE_INFINITY;
  return {
    ...row,
    state: {
      kind: 'draining',
      sinceMs: nowMs,
      deadlineMs: Math.min(deadlineMs, lastMs),
      ...(leaving && { leaving }),
      ...(isUnready(state) && { unready: true }),
    },
  };
}

function isUnready(state: ReplicaState): boolean {
  return state.kind === 'launching' || (state.kind === 'draining' && state.unready === true);
}

function ended(row: StoredReplica, cause: EndCause, because: string, nowMs: number): StoredReplica {
  return { ...row, state: { kind: 'terminating', sinceMs: nowMs, cause, because } };
}

function readyNow(row: StoredReplica, nowMs: number): StoredReplica {
  return { ...row, state: { kind: 'ready', readyAtMs: nowMs } };
}

function isUnhealthy({ state }: StoredReplica, by: 'list' | 'itself'): boolean {
  return state.kind === 'unhealthy' && state.by === by;
}
