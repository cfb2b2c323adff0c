import type { CountChangeSeen } from './count-changes.ts';

/** The smallest and the largest count that `first` and the changes after it came to. */
export function countRange(first: number, changes: readonly CountChangeSeen[]): readonly [number, number] {
  const counts = [first, ...changes.map(({ to }) => to)];
  return [Math.min(...counts), Math.max(...counts)];
}

/** The most that the count grew within so many seconds, in percent of what it was at their beginning. */
export function mostGrowthPercent(changes: readonly CountChangeSeen[], seconds: number): number {
  const growths = changes.map(({ second, from }) => {
    const within = changes.filter((each) => each.second >= second && each.second < second + seconds);
    return (100 * ((within.at(-1)?.to ?? from) - from)) / from;
  });
  return Math.max(0, ...growths);
}

/** The most that were taken away within so many seconds. */
export function mostTakenAway(changes: readonly CountChangeSeen[], seconds: number): number {
  const falls = changes.map(({ second }) =>
    changes
      .filter((each) => each.second >= second && each.second < second + seconds)
      .reduce((sum, { from, to }) => sum + Math.max(0, from - to), 0),
  );
  return Math.max(0, ...falls);
}
