import { isoTime } from '../records/decision-record.ts';
import type { AlarmChange } from './alarm.ts';

/** A change as the log and everybody who is told say it. */
export function alarmRecord({ settings, from, state }: AlarmChange): Readonly<Record<string, unknown>> {
  return {
    alarm: settings.name,
    group: settings.group,
    signal: settings.signal,
    state: state.name,
    previous_state: from,
    reason: state.because,
    comparison: settings.comparison,
    threshold: settings.threshold,
    periods: settings.periods,
    period_seconds: settings.periodSeconds,
    at: isoTime(state.sinceMs),
  };
}
