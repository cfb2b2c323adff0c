/** When to call a person, in CloudWatch's terms. */
export interface AlarmSettings {
  /** Unique; what messages and the metric call it. */
  readonly name: string;
  readonly group: string;
  /** A signal of the group. */
  readonly signal: string;
  readonly comparison: 'above' | 'below';
  /** A mean that equals it is no breach. */
  readonly threshold: number;
  /** So many periods in a row, at least 1. */
  readonly periods: number;
  readonly periodSeconds: number;
}

/** `INSUFFICIENT_DATA`: nothing was measured in any of the periods, or not for long enough yet. */
export type AlarmStateName = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface AlarmState {
  readonly name: AlarmStateName;
  readonly sinceMs: number;
  /** The numbers behind it, for a person. */
  readonly because: string;
}

/** An alarm that went from one state to another. */
export interface AlarmChange {
  readonly settings: AlarmSettings;
  readonly from: AlarmStateName;
  readonly state: AlarmState;
}

/** Document 000's alarm: mean CPU of a group above 80 % for two periods of five minutes. */
export function highCpuAlarm(group: string): AlarmSettings {
  return {
    name: `${group}-high-cpu`,
    group,
    signal: 'cpu_percent',
    comparison: 'above',
    threshold: 80,
    periods: 2,
    periodSeconds: 300,
  };
}
