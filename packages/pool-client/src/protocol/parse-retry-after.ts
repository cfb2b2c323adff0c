/**
 * `Retry-After` in milliseconds; `undefined` for a date (that needs a clock, and one that agrees with the
 * backend's) and for anything else that is no plain number of at most nine digits.
 */
export function parseRetryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,9}(\.\d{1,9})?$/.test(header.trim())) return undefined;
  return Math.ceil(Number(header) * 1000);
}
