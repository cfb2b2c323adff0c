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
