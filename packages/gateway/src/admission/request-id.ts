/** The caller's `x-request-id` where it is printable ASCII of 1 to 128 characters, else a new one. */
export function requestId(header: string | readonly string[] | undefined, makeId: () => string): string {
  return typeof header === 'string' && /^[\x20-\x7e]{1,128}$/.test(header) ? header : makeId();
}
