/** Where nothing is known for longer than this, in milliseconds, nobody knows what was before. */
export function longestGapMs(intervalSeconds: number): number {
  return Math.max(3 * intervalSeconds, 30) * 1_000;
}
