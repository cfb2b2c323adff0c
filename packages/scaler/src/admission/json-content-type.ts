/** Whether a `Content-Type` header says JSON; case and parameters don't matter. */
export function isJsonContentType(header: string | undefined): boolean {
  if (header === 'application/json') return true; // as nearly all write it
  const [type = ''] = (header ?? '').split(';');
  return /^application\/([a-z0-9!#$&^_.-]+\+)?json$/i.test(type.trim());
}
