import type { CountChange } from '../values/decision.ts';
import type { GroupSettings } from '../values/group-settings.ts';

/** Calm for so many times `withinSeconds` takes one growth back. */
const CALM_TIMES = 2;

/**
 * The in window, grown by what cutting too early has taught: each time the count had to grow again soon after it was cut, the window grows;
 * each time that took long, it shrinks back.
 *
 * 450 s and a growth of 1.5: after one cut that was taken back within 900 s it is 675 s, after two 1,012 s.
 */
export function grownWindowSeconds(
  changes: readonly CountChange[],
  { stabilizationSeconds, flapping }: Pick<GroupSettings, 'stabilizationSeconds' | 'flapping'>,
): number {
  const shortest = stabilizationSeconds.in;
  if (flapping.growth === 1) return shortest;
  let seconds = shortest;
  for (let i = 1; i < changes.length; i += 1) {
    // `as` holds: both indices lie inside the list.
    const [before, change] = [changes[i - 1] as CountChange, changes[i] as CountChange];
    if (before.to >= before.from || change.to <= change.from) continue;
    const calmSeconds = (change.atMs - before.atMs) / 1_000;
    if (calmSeconds < flapping.withinSeconds) seconds *= flapping.growth;
    else if (calmSeconds > CALM_TIMES * flapping.withinSeconds) seconds /= flapping.growth;
    seconds = Math.min(Math.max(shortest, flapping.longestSeconds), Math.max(shortest, seconds));
  }
  return seconds;
}
