import type { AlarmChange } from './alarm.ts';

/** Who is told of changes of alarms. */
export interface AlarmSink {
  /** For the log, without secrets. */
  readonly name: string;
  /** Whether it is told of this one. */
  wants(change: AlarmChange): boolean;
  /** Tells it once; settles soon after `signal` aborts. Never rejects. */
  send(change: AlarmChange, signal: AbortSignal): Promise<AlarmOutcome>;
  close(): Promise<void>;
}

/** What came of it; a problem is in an operator's words, without secrets. */
export type AlarmOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'failed'; readonly problem: string; readonly isWorthRetrying: boolean };
