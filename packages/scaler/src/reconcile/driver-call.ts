import type { Clock } from '../clock.ts';
import type { Driver } from '../drivers/driver.ts';
import { ScalerError } from '../errors.ts';
import { within } from '../within.ts';
import type { ScalerEvent } from './scaler-event.ts';

/** Runs one call of a driver under a deadline, reporting its time and its error. */
export type DriverCall = <T>(
  group: string,
  driver: Driver,
  call: 'list' | 'scale' | 'measure',
  run: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

/** The longest that a call may take: the lease must hold this much longer when one begins. */
export const CALL_MS = 10_000;

/** Calls that are each told to `emit` once they ended, one way or the other. */
export function reportedCalls(clock: Clock, emit: (event: ScalerEvent) => void): DriverCall {
  return async (group, driver, call, run) => {
    const beganMs = clock.nowMs();
    const report = (error?: Error) =>
      emit({
        kind: 'driver-called',
        group,
        driver: driver.name,
        call,
        seconds: Math.max(0, clock.nowMs() - beganMs) / 1_000,
        ...(error && { error }),
      });
    try {
      // A stopping scaler lets its calls end.
      const signal = new AbortController().signal;
      const result = await within({ clock, timeoutMs: CALL_MS, signal }, run);
      if (result.kind !== 'done') {
        const message = `${driver.name} did not answer ${call} within ${CALL_MS / 1_000} s`;
        throw new ScalerError('SCALER_DRIVER_FAILED', message, { retryable: true });
      }
      report();
      return result.value;
    } catch (error) {
      report(error as Error);
      throw error;
    }
  };
}
