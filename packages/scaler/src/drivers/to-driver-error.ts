import { ScalerError } from '../errors.ts';

/** The system is short of something that may be there again later. */
const SHORTAGES: ReadonlySet<string> = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT']);

/** What failed, in words such as `launching replica "a"`, as an error of the driver; one that already is passes. */
export function toDriverError(error: unknown, what: string, signal: AbortSignal): ScalerError {
  if (error instanceof ScalerError) return error;
  if (signal.aborted) {
    const message = `${what}: given up, ${messageOf(signal.reason)}`;
    return new ScalerError('SCALER_DRIVER_FAILED', message, { cause: error, retryable: true });
  }
  const { code } = error as { readonly code?: unknown }; // only read, and compared
  const short = typeof code === 'string' && SHORTAGES.has(code);
  return new ScalerError(
    short ? 'SCALER_DRIVER_CAPACITY' : 'SCALER_DRIVER_FAILED',
    `${what}: ${messageOf(error)}`,
    { cause: error, retryable: short },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
