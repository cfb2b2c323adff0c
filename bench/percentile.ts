/**
 * The smallest of the values that at least the share `ratio` (0 to 1) of them doesn't exceed (nearest rank). `NaN` when there are none.
 *
 * @example
 * percentile([4, 1, 3, 2], 0.5); // 2
 */
export function percentile(values: readonly number[], ratio: number): number {
  const sorted = Float64Array.from(values).sort();
  const rank = Math.min(sorted.length, Math.max(1, Math.ceil(ratio * sorted.length)));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The middle of the values, the mean of the middle two of an even number. `NaN` when there are none. */
export function median(values: readonly number[]): number {
  const upper = -percentile(
    values.map((value) => -value),
    0.5,
  );
  return (percentile(values, 0.5) + upper) / 2;
}
