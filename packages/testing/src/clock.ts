/** Time as an argument, with the same shape as the `Clock` of `@forebay/pool-client`. */
export interface Clock {
  /** Milliseconds on a clock that never goes backwards; only differences mean anything. */
  nowMs(): number;
  /** Resolves after `delayMs`, or at once (never rejecting) when `signal` is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's monotonic clock; a sleep is a timer of whole milliseconds, at least one. */
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
      const timer = setTimeout(wake, delayMs);
      signal?.addEventListener('abort', wake, { once: true });
    }),
};
