/** The caller's id when it is 1 to 128 printable ASCII characters, else a new one. */
export function requestId(given: string | readonly string[] | undefined, createId: () => string): string {
  return typeof given === 'string' && /^[\x20-\x7e]{1,128}$/.test(given) ? given : createId();
}
