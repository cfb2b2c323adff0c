import { PRIORITIES, type Priority } from '@forebay/pool-client';

/** The less urgent of the two: what was asked for, held down to what is allowed. */
export function atMostPriority(asked: Priority, ceiling: Priority): Priority {
  return PRIORITIES.indexOf(asked) >= PRIORITIES.indexOf(ceiling) ? asked : ceiling;
}
