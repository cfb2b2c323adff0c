import type { AlarmSettings } from './alarms/alarm.ts';
import { AlarmNotifier } from './alarms/alarm-notifier.ts';
import type { Clock } from './clock.ts';
import type { ScalerConfig } from './config/scaler-config.ts';
import type { Logger } from './log.ts';

/** An alarm of one group, and who hears of it besides the log. */
export interface GroupAlarm extends AlarmSettings {
  readonly webhook: string | undefined;
}

/** The configured alarms, one for each group that they are about; of several each has its group in its name. */
export function alarmsOf({ alarms, groups }: ScalerConfig): readonly GroupAlarm[] {
  return alarms.flatMap((alarm) => {
    const { name, signal, periods, periodSeconds, webhook } = alarm;
    const [comparison, threshold] =
      'above' in alarm ? (['above', alarm.above] as const) : (['below', alarm.below] as const);
    const of = alarm.group === undefined ? groups.map((group) => group.name) : [alarm.group];
    return of.map((group) => ({
      // No alarm's own name has a slash in it.
      name: of.length === 1 ? name : `${name}/${group}`,
      group,
      signal,
      comparison,
      threshold,
      periods,
      periodSeconds,
      webhook,
    }));
  });
}

/** The notifier of each alarm by its name; one for each webhook, so that a receiver which is down holds up no other. */
export function notifiersOf(
  alarms: readonly GroupAlarm[],
  log: Logger,
  clock: Clock,
): ReadonlyMap<string, AlarmNotifier> {
  const byWebhook = new Map<string | undefined, AlarmNotifier>();
  return new Map(
    alarms.map(({ name, webhook: webhookUrl }) => {
      const notifier = byWebhook.get(webhookUrl) ?? new AlarmNotifier({ webhookUrl, log, clock });
      byWebhook.set(webhookUrl, notifier);
      return [name, notifier];
    }),
  );
}
