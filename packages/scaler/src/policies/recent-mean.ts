import type { PolicyContext } from './policy-context.ts';

/** A mean of a signal over some time, and how many values stand behind it. */
export interface RecentMean {
  readonly mean: number;
  readonly values: number;
}

/**
 * The mean of `name` over the seconds from `fromSecondsAgo` to `toSecondsAgo`, now included when that is 0. Values that were missing are
 * left out; undefined when there is none. Each tick counts for the time since the tick before.
 */
export function recentMean(
  name: string,
  fromSecondsAgo: number,
  toSecondsAgo: number,
  { past, samples, nowMs }: Pick<PolicyContext, 'past' | 'samples' | 'nowMs'>,
): RecentMean | undefined {
  const fromMs = nowMs - fromSecondsAgo * 1_000;
  const toMs = nowMs - toSecondsAgo * 1_000;
  let sum = 0;
  let spanMs = 0;
  let values = 0;
  const add = (value: number, atMs: number, beforeMs: number) => {
    const weightMs = Math.max(1, atMs - beforeMs);
    sum += value * weightMs;
    spanMs += weightMs;
    values += 1;
  };
  const now = samples[name];
  if (toSecondsAgo === 0 && now?.kind === 'value') add(now.value, nowMs, past.at(-1)?.decidedAtMs ?? nowMs);
  for (let i = past.length - 1; i >= 0; i -= 1) {
    // `as` holds: the loop stays inside the list.
    const { decidedAtMs, signals } = past[i] as (typeof past)[number];
    if (decidedAtMs <= fromMs) break;
    const seen = signals[name];
    if (decidedAtMs <= toMs && seen?.kind === 'value')
      add(seen.value, decidedAtMs, past[i - 1]?.decidedAtMs ?? decidedAtMs);
  }
  return values === 0 ? undefined : { mean: sum / spanMs, values };
}
