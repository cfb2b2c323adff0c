const FIRST_MS = 5_000;
const LONGEST_MS = 300_000;

/** Whether something waits until `notBeforeMs`; a time further ahead than any back-off is one of before the clock was set back. */
export function isHeld(notBeforeMs: number, nowMs: number): boolean {
  return nowMs < notBeforeMs && notBeforeMs - nowMs <= LONGEST_MS;
}

/**
 * Wait before replicas are launched, or the driver is called, once more. One failure may be chance: the second makes it wait.
 *
 * 2 failures in a row: 5 s, 3: 10 s, 8 and more: 300 s.
 */
export function backOffMs(failures: number): number {
  return failures < 2 ? 0 : Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 2));
}
