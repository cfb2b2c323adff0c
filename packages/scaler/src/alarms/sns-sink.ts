import type { SnsApi } from '../aws/sns-api.ts';
import { ScalerError } from '../errors.ts';
import type { AlarmChange } from './alarm.ts';
import { alarmRecord } from './alarm-record.ts';
import type { AlarmSink } from './alarm-sink.ts';

/** Publishes on a topic when an alarm begins and when it ends: people read its mails, and need none of a restart. */
export function snsSink(topicArn: string, api: SnsApi): AlarmSink {
  return {
    name: topicArn,
    wants: ({ from, state }) => from === 'ALARM' || state.name === 'ALARM',
    async send(change, signal) {
      try {
        const message = JSON.stringify(alarmRecord(change));
        await api.publish(topicArn, { subject: subjectOf(change), message }, signal);
        return { kind: 'sent' };
      } catch (error) {
        const isWorthRetrying = error instanceof ScalerError && error.retryable;
        return { kind: 'failed', problem: (error as Error).message, isWorthRetrying };
      }
    },
    close: () => api.close(),
  };
}

/** SNS takes no longer one. */
const MAX_SUBJECT = 100;

/** `ALARM: small-high-cpu of group small`; names are ASCII by their own rules. */
function subjectOf({ settings, state }: AlarmChange): string {
  const subject = `${state.name}: ${settings.name} of group ${settings.group}`;
  return subject.length <= MAX_SUBJECT ? subject : `${subject.slice(0, MAX_SUBJECT - 3)}...`;
}
