import type { AlarmSettings } from './alarms/alarm.ts';
import { AlarmNotifier } from './alarms/alarm-notifier.ts';
import { AlarmSender } from './alarms/alarm-sender.ts';
import type { AlarmSink } from './alarms/alarm-sink.ts';
import { snsSink } from './alarms/sns-sink.ts';
import { webhookSink } from './alarms/webhook-sink.ts';
import { openSnsApi } from './aws/sns-api.ts';
import type { Clock } from './clock.ts';
import type { ScalerConfig } from './config/scaler-config.ts';
import type { Logger } from './log.ts';

/** An alarm of one group, and who hears of it besides the log. */
export interface GroupAlarm extends AlarmSettings {
  readonly webhook: string | undefined;
  readonly snsTopicArn: string | undefined;
  readonly snsEndpoint: string | undefined;
}

/** The configured alarms, one for each group that they are about; of several each has its group in its name. */
export function alarmsOf({ alarms, groups }: ScalerConfig): readonly GroupAlarm[] {
  return alarms.flatMap((alarm) => {
    const { name, signal, periods, periodSeconds, webhook, snsTopicArn, snsEndpoint } = alarm;
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
      snsTopicArn,
      snsEndpoint,
    }));
  });
}

/** The notifier of each alarm by its name; one sender for each receiver, so that one which is down holds up no other. */
export function notifiersOf(
  alarms: readonly GroupAlarm[],
  log: Logger,
  clock: Clock,
): ReadonlyMap<string, AlarmNotifier> {
  const senders = new Map<string, AlarmSender>();
  const senderOf = (receiver: string, makeSink: () => AlarmSink) => {
    const sender = senders.get(receiver) ?? new AlarmSender({ sink: makeSink(), log, clock });
    senders.set(receiver, sender);
    return sender;
  };
  const sendersOf = ({ webhook, snsTopicArn, snsEndpoint: endpoint }: GroupAlarm) => [
    ...(webhook === undefined ? [] : [senderOf(webhook, () => webhookSink(webhook))]),
    ...(snsTopicArn === undefined
      ? []
      : [
          senderOf(`${endpoint} ${snsTopicArn}`, () =>
            snsSink(snsTopicArn, openSnsApi({ region: snsTopicArn.split(':')[3], endpoint })),
          ),
        ]),
  ];
  return new Map(alarms.map((alarm) => [alarm.name, new AlarmNotifier({ log, senders: sendersOf(alarm) })]));
}
