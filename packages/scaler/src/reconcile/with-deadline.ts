import type { Clock } from '../clock.ts';
import { ScalerError } from '../errors.ts';

/** Runs a call that has `deadlineMs` to answer; then its signal aborts, and this rejects whether or not the call heeds it. */
export async function withDeadline<T>(
  clock: Clock,
  deadlineMs: number,
  failure: string,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const answered = new AbortController();
  const late = clock.sleep(deadlineMs, answered.signal).then(() => {
    if (answered.signal.aborted) return;
    const message = `${failure} within ${deadlineMs / 1_000} s`;
    deadline.abort(new ScalerError('SCALER_DRIVER_FAILED', message, { retryable: true }));
    deadline.signal.throwIfAborted();
  });
  try {
    const call = run(deadline.signal);
    // Once it is answered `late` says nothing more.
    return await Promise.race([call, late.then(() => call)]);
  } finally {
    answered.abort();
  }
}
