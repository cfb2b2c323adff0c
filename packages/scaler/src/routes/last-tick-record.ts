import { mainGroup } from '../config/main-group.ts';
import { decisionRecord, isoTime, limitRecord, voteRecord } from '../records/decision-record.ts';
import type { Decision } from '../values/decision.ts';
import type { GroupSettings } from '../values/group-settings.ts';

/**
 * The last tick of all groups: counts are sums, votes and limits are those of all groups with their `group`, signals are those of
 * the main one; each group's own record stands in `groups`.
 */
export function lastTickRecord(
  groups: readonly GroupSettings[],
  lastOf: (group: string) => Decision | undefined,
): Readonly<Record<string, unknown>> {
  const decisions = groups.flatMap(({ name }) => lastOf(name) ?? []);
  const [first] = decisions;
  if (first === undefined) return BEFORE_THE_FIRST_TICK;
  const main = decisions.find(({ group }) => group === mainGroup(groups)?.name) ?? first;
  const of = <Part extends object>(part: (decision: Decision) => readonly Part[]) =>
    decisions.flatMap((each) => part(each).map((value) => ({ group: each.group, ...value })));
  const target = sum(decisions, (each) => each.target);
  return {
    scaling_needed: decisions.some((each) => each.target !== each.current),
    current_instances: sum(decisions, (each) => each.current),
    target_instances: target,
    reason:
      decisions.length === 1
        ? first.reason
        : decisions.map(({ group, reason }) => `${group}: ${reason}`).join('; '),
    votes: of((each) => each.votes.map(voteRecord)),
    limits: of((each) => each.limits.map(limitRecord)),
    signals: decisionRecord(main).signals,
    decided_at: isoTime(Math.max(...decisions.map(({ decidedAtMs }) => decidedAtMs))),
    dry_run: decisions.some(({ dryRun }) => dryRun),
    groups: decisions.map(decisionRecord),
  };
}

const BEFORE_THE_FIRST_TICK = Object.freeze({
  scaling_needed: false,
  current_instances: 0,
  target_instances: 0,
  reason: 'nothing was decided yet: the first tick is still to come',
  votes: [],
  limits: [],
  signals: {},
  decided_at: null,
  dry_run: false,
  groups: [],
});

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
