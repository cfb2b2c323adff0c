import type { Hour } from './hour.ts';

/** A change of a group's desired count. */
export interface CountChangeSeen {
  readonly second: number;
  readonly from: number;
  readonly to: number;
}

/** When and how a group's desired count changed, after its first decision. */
export function countChanges(hour: Hour, group: string): readonly CountChangeSeen[] {
  return hour
    .ticks(group)
    .filter(({ decision: { current, target } }) => current !== target)
    .map(({ second, decision: { current, target } }) => ({ second, from: current, to: target }));
}

/** `2 → 3 (12:10)`, minutes and seconds since the start. */
export function shownChanges(changes: readonly CountChangeSeen[]): string {
  return changes.map(({ second, from, to }) => `${from} → ${to} (${shownTime(second)})`).join(', ');
}

/** `12:10`: minutes and seconds since the start. */
export function shownTime(second: number): string {
  return `${Math.floor(second / 60)}:${String(second % 60).padStart(2, '0')}`;
}

/** The shortest time from any change to the next one in that direction; undefined without such. */
export function shortestGap(
  changes: readonly CountChangeSeen[],
  direction: 'out' | 'in',
): number | undefined {
  const gaps = changes.flatMap(({ second, from, to }, index) => {
    const before = changes[index - 1];
    return before !== undefined && to > from === (direction === 'out') ? [second - before.second] : [];
  });
  return gaps.length === 0 ? undefined : Math.min(...gaps);
}
