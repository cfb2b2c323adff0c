import type { Logger } from '../log.ts';
import type { AlarmChange } from './alarm.ts';
import { alarmRecord } from './alarm-record.ts';
import type { AlarmSender } from './alarm-sender.ts';

export interface AlarmNotifierParts {
  readonly log: Logger;
  /** Whom changes are sent to besides; alarms with the same receiver share its sender. */
  readonly senders: readonly AlarmSender[];
}

/** Says changes of alarms in the log and hands them to whoever sends them on. */
export class AlarmNotifier {
  readonly #parts: AlarmNotifierParts;

  constructor(parts: AlarmNotifierParts) {
    this.#parts = parts;
  }

  /** Returns at once and never throws. */
  notify(change: AlarmChange): void {
    const { log, senders } = this.#parts;
    const { settings, state, from } = change;
    const level = state.name === 'ALARM' ? 'warn' : 'info';
    log[level](
      alarmRecord(change),
      `Alarm ${settings.name} went from ${from} to ${state.name}: ${state.because}`,
    );
    for (const sender of senders) sender.send(change);
  }

  /** Gives up what isn't sent yet; resolves when nothing is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#parts.senders.map((sender) => sender.close()));
  }
}
