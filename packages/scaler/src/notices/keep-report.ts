import type { Store } from '../store/store.ts';
import type { ReplicaReport } from '../values/replica-report.ts';

/** Keeps a report, but not mere advice to leave over a notice whose deadline is still to come: the store has one of a kind. */
export function keepReport(
  store: Pick<Store, 'putReport' | 'reports'>,
  report: ReplicaReport,
  nowMs: number,
): void {
  const isAdvice = report.kind === 'leaving' && report.deadlineMs === undefined;
  const isKnown = ({ kind, about, ...known }: ReplicaReport) =>
    kind === 'leaving' && about === report.about && 'deadlineMs' in known && known.deadlineMs > nowMs;
  if (isAdvice && store.reports(0).some(isKnown)) return;
  store.putReport(report);
}

/**
 * Keeps what AWS says of a machine; false where it is of no use: the end of one that no group knows, and that is over. All machines of an account have
 * one, and that of a group's host shows in the next list.
 */
export function keepNotice(
  store: Pick<Store, 'putReport' | 'reports' | 'groupNames' | 'load'>,
  report: ReplicaReport,
  nowMs: number,
): boolean {
  const isOver = report.kind === 'leaving' && report.deadlineMs !== undefined && report.deadlineMs <= nowMs;
  if (isOver && !isOfGroup(store, report.about)) return false;
  keepReport(store, report, nowMs);
  return true;
}

function isOfGroup(store: Pick<Store, 'groupNames' | 'load'>, about: string): boolean {
  return store
    .groupNames()
    .some((name) => store.load(name).replicas.some(({ id, machine }) => about === id || about === machine));
}
