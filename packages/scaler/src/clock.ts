/** Time as an argument. Production code gets {@link systemClock}, tests a `ManualClock`. */
export interface Clock {
  /** Milliseconds since 1970: what a restart must remember is measured on it. It may jump; ages are never less than zero. */
  nowMs(): number;
  /** Resolves after `delayMs`, or at once (never rejecting) when `signal` is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
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
