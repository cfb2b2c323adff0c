import type { GroupScaler } from '../../aws/auto-scaling-api.ts';

/** Who else sets the group's count now, in words such as `TargetTrackingScaling "cpu-60"`; whoever's process is suspended doesn't. */
export function foreignScalers(
  scalers: readonly GroupScaler[],
  suspended: ReadonlyMap<string, string>,
): readonly string[] {
  return scalers.flatMap(({ name, type, acts }) => {
    const process = PROCESS_OF[type] ?? 'AlarmNotification';
    return acts && !suspended.has(process) ? [`${type} "${name}"`] : [];
  });
}

/** Which process of the group carries a scaler out; policies by alarms but for these. */
const PROCESS_OF: Readonly<Record<string, string>> = {
  ScheduledAction: 'ScheduledActions',
  // No process of its own: suspending AlarmNotification doesn't stop a forecast.
  PredictiveScaling: 'PredictiveScaling',
};
