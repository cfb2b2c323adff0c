import type { AlarmSettings } from './alarms/alarm.ts';
import { AlarmNotifier } from './alarms/alarm-notifier.ts';
import type { Clock } from './clock.ts';
import type { ScalerConfig } from './config/scaler-config.ts';
import type { Logger } from './log.ts';

/** The configured alarms, one for each group that they are about. */
export function alarmsOf({ alarms, groups }: ScalerConfig): readonly AlarmSettings[] {
  return alarms.flatMap((alarm) => {
    const { name, signal, periods, periodSeconds } = alarm;
    const [comparison, threshold] =
      'above' in alarm ? (['above', alarm.above] as const) : (['below', alarm.below] as const);
    const of = alarm.group === undefined ? groups.map((group) => group.name) : [alarm.group];
    return of.map((group) => ({
      name: of.length === 1 ? name : `${name}-${group}`,
      group,
      signal,
      comparison,
      threshold,
      periods,
      periodSeconds,
    }));
  });
}

/** One for each webhook, so that a receiver which is down holds up no other. */
export function notifiersOf(
  config: ScalerConfig,
  log: Logger,
  clock: Clock,
): ReadonlyMap<string, AlarmNotifier> {
  const byWebhook = new Map<string | undefined, AlarmNotifier>();
  return new Map(
    alarmsOf(config).map(({ name }) => {
      const webhookUrl = config.alarms.find(
        (alarm) => name === alarm.name || name.startsWith(`${alarm.name}-`),
      )?.webhook;
      const notifier = byWebhook.get(webhookUrl) ?? new AlarmNotifier({ webhookUrl, log, clock });
      byWebhook.set(webhookUrl, notifier);
      return [name, notifier];
    }),
  );
}
