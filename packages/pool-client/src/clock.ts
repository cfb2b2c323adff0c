/** Time as an argument. Production code gets {@link systemClock}, tests a `ManualClock`. */
export interface Clock {
  /** Milliseconds on a clock that never goes backwards; only differences mean anything. */
  nowMs(): number;
  /** Resolves after `delayMs`, or at once (never rejecting) when `signal` is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** A longer timer would go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's monotonic clock; sleeps at most 24 days at a time. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  sleep: (delayMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(delayMs, LONGEST_TIMER_MS));
      signal?.addEventListener('abort', wake, { once: true });
    }),
};
