import type { Lease } from './store.ts';

/** The one lease as it stands in the file. */
export interface LeaseRow {
  readonly holder: string;
  readonly epoch: number;
  readonly untilMs: number;
  /** For how long it was last taken. */
  readonly ttlMs: number;
}

/**
 * How far one process's "now" may lie behind another's: `nowMs` is read before the file's lock is waited for, and that wait may be
 * as long as `BUSY_TIMEOUT_MS` of the database.
 */
export const CLOCK_SLACK_MS = 5_000;

/**
 * The row after `holder` asks, or who has it. Its holder renews it under the same epoch, anyone else takes it under the next one,
 * once its time is up or once it ends later than its holder can have said: then the clock was set back since. With a
 * ttl of 15 s and the clock set back by an hour, the end lies 3,615 s ahead, which is over 15 + 5, so it is taken at once.
 */
export function nextLeaseRow(
  row: LeaseRow | undefined,
  asked: { readonly holder: string; readonly nowMs: number; readonly ttlMs: number },
): { readonly kind: 'taken'; readonly row: LeaseRow } | Extract<Lease, { kind: 'other' }> {
  const { holder, nowMs, ttlMs } = asked;
  const taken = (epoch: number) =>
    ({ kind: 'taken', row: { holder, epoch, untilMs: nowMs + ttlMs, ttlMs } }) as const;
  if (row === undefined) return taken(1);
  if (row.holder === holder) return taken(row.epoch);
  const leftMs = row.untilMs - nowMs;
  const isHeld = leftMs > 0 && leftMs <= row.ttlMs + CLOCK_SLACK_MS;
  return isHeld ? { kind: 'other', holder: row.holder, untilMs: row.untilMs } : taken(row.epoch + 1);
}
