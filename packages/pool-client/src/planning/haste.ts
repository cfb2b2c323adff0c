import { PRIORITIES, type Priority } from '../job.ts';

/** How long after a call of its kind the next one is expected, in milliseconds. */
const EXPECTED_MS = 1_000;

/** Calls that go before most of what waits. */
export interface Haste {
  /** Whether one came lately: the next batches should leave late, so that there is soon room for another. */
  readonly expected: boolean;
  /** Their priorities, where chunks of theirs wait now. */
  readonly waiting: readonly Priority[];
}

/**
 * @param lastCallMs When the last call of each priority came, on the pool's clock.
 * @param chunks Chunks of each priority that wait.
 */
export function hasteOf(
  lastCallMs: Readonly<Record<Priority, number>>,
  chunks: (priority: Priority) => number,
  nowMs: number,
): Haste {
  const most = PRIORITIES.toSorted((a, b) => chunks(b) - chunks(a))[0];
  const above = PRIORITIES.slice(0, most && PRIORITIES.indexOf(most));
  return {
    expected: above.some((priority) => nowMs - lastCallMs[priority] <= EXPECTED_MS),
    waiting: above.filter((priority) => chunks(priority) > 0),
  };
}
