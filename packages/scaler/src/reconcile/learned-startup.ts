/** What a start-up takes: the median of those seen, else what the configuration expects. */
export function learnedStartupSeconds(seen: readonly number[], expectedSeconds: number): number {
  if (seen.length === 0) return expectedSeconds;
  const sorted = [...seen].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  // `as` holds: the list is not empty and both indices lie inside it.
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle) - 1] as number)) / 2;
}
