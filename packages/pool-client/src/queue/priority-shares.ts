import { PRIORITIES, type Priority } from '../job.ts';

/** Predicted work in milliseconds by priority. */
export type WorkMs = Readonly<Record<Priority, number>>;

/**
 * Least share of the work that each priority gets while it has some waiting, whatever waits above it; the rest goes to the
 * highest. Nothing is kept for a priority without work.
 */
export const MINIMUM_SHARES: WorkMs = { interactive: 0.5, default: 0.2, bulk: 0.1 };

/** So much work a priority may be ahead of its share or behind it, in milliseconds: how long the past is remembered. */
const MOST_CREDIT_MS = 100;

export const NO_CREDIT: WorkMs = { interactive: 0, default: 0, bulk: 0 };

/** Whose chunks go into a batch first: the highest, but before it those that are owed some of their share. */
export function priorityOrder(creditMs: WorkMs): readonly Priority[] {
  const owed = PRIORITIES.filter((priority) => creditMs[priority] > 0);
  return [...owed, ...PRIORITIES.filter((priority) => !owed.includes(priority))];
}

/** The credits after a batch of this work was taken, while chunks of these priorities had been `waiting`. */
export function nextCredits(
  creditMs: WorkMs,
  servedMs: WorkMs,
  waiting: (priority: Priority) => boolean,
): WorkMs {
  const totalMs = PRIORITIES.reduce((sum, priority) => sum + servedMs[priority], 0);
  const next = (priority: Priority) => {
    const earned = waiting(priority) ? MINIMUM_SHARES[priority] * totalMs : 0;
    const credit = creditMs[priority] + earned - servedMs[priority];
    return Math.max(-MOST_CREDIT_MS, Math.min(MOST_CREDIT_MS, credit));
  };
  return { interactive: next('interactive'), default: next('default'), bulk: next('bulk') };
}
