import { mainGroup } from '../config/main-group.ts';
import { isoTime } from '../records/decision-record.ts';
import type { GroupState, ManualScale, ScalingEvent } from '../store/store.ts';
import type { Decision } from '../values/decision.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import type { ReplicaState } from '../values/replica.ts';
import { scalingThresholds } from './config-record.ts';

/** What is known of one group when its status is asked for. */
export interface GroupNow {
  readonly settings: GroupSettings;
  readonly state: GroupState;
  /** Of its last tick. */
  readonly decision: Decision | undefined;
  readonly driver: string;
}

/**
 * The state of all groups: counts are sums, thresholds, metrics and driver are the main group's, and it is paused if one of them
 * is in any direction. Each group's own stands in `groups`.
 */
export function statusRecord(
  groups: readonly GroupNow[],
  { nowMs, dryRun }: { readonly nowMs: number; readonly dryRun: boolean },
): Readonly<Record<string, unknown>> {
  const records = groups.map((group) => groupStatus(group, nowMs));
  const main = mainGroup(groups.map(({ settings }) => settings))?.name;
  const mainRecord = records.find(({ name }) => name === main);
  const total = (of: (record: GroupStatus) => number) => records.reduce((sum, each) => sum + of(each), 0);
  const lastScaling = groups
    .flatMap(({ state }) => state.lastScaling ?? [])
    .reduce<ScalingEvent | undefined>(
      (last, each) => (last && last.atMs >= each.atMs ? last : each),
      undefined,
    );
  return {
    current_instances: total((each) => each.current_instances),
    ready_instances: total((each) => each.ready_instances),
    starting_instances: total((each) => each.starting_instances),
    draining_instances: total((each) => each.draining_instances),
    unhealthy_instances: total((each) => each.unhealthy_instances),
    desired_instances: total((each) => each.desired_instances),
    min_instances: total((each) => each.min_instances),
    max_instances: total((each) => each.max_instances),
    thresholds: mainRecord?.thresholds ?? {},
    metrics: mainRecord?.metrics ?? {},
    driver: mainRecord?.driver ?? null,
    dry_run: dryRun,
    paused: records.some(({ paused }) => paused),
    last_scaling: lastScaling === undefined ? null : scalingRecord(lastScaling),
    groups: records,
  };
}

type GroupStatus = ReturnType<typeof groupStatus>;

function groupStatus({ settings, state, decision, driver }: GroupNow, nowMs: number) {
  const count = (...kinds: readonly ReplicaState['kind'][]) =>
    state.replicas.filter((each) => kinds.includes(each.state.kind)).length;
  const [ready, starting] = [count('ready'), count('launching')];
  const isHeld = state.manual !== undefined && state.manual.untilMs > nowMs;
  return {
    name: settings.name,
    class: settings.class,
    /** Whether policies scale it. */
    enabled: settings.enabled,
    /** Those that serve or will; draining ones count no more. */
    current_instances: ready + starting,
    ready_instances: ready,
    starting_instances: starting,
    draining_instances: count('draining', 'terminating'),
    unhealthy_instances: count('unhealthy'),
    desired_instances: state.desired ?? decision?.current ?? settings.initial,
    min_instances: settings.min,
    max_instances: settings.max,
    thresholds: scalingThresholds(settings),
    metrics: metricsOf(decision),
    driver,
    ...pausedRecord(state.paused),
    manual: isHeld && state.manual ? manualRecord(state.manual) : null,
    last_scaling: state.lastScaling === undefined ? null : scalingRecord(state.lastScaling),
  };
}

/** The directions in which nothing is done. */
export function pausedRecord(paused: GroupState['paused']): {
  readonly paused: boolean;
  readonly paused_directions: readonly ('in' | 'out')[];
} {
  const directions = (['in', 'out'] as const).filter((direction) => paused[direction]);
  return { paused: directions.length > 0, paused_directions: directions };
}

/** A count that was set by hand; `expires_at` is null for one that holds until it is released. */
export function manualRecord({ target, reason, untilMs }: ManualScale): Readonly<Record<string, unknown>> {
  return {
    target_instances: target,
    reason,
    expires_at: untilMs === Number.POSITIVE_INFINITY ? null : isoTime(untilMs),
  };
}

function scalingRecord({ group, atMs, from, to, reason }: ScalingEvent) {
  return { group, at: isoTime(atMs), from, to, reason };
}

/** Values by signal; null for one that is missing. */
function metricsOf(decision: Decision | undefined): Readonly<Record<string, number | null>> {
  return Object.fromEntries(
    Object.entries(decision?.signals ?? {}).map(([name, signal]) => [
      name,
      signal.kind === 'missing' ? null : signal.value,
    ]),
  );
}
