/** The request headers that may carry a key. */
export interface CredentialHeaders {
  readonly authorization?: string | undefined;
  readonly 'x-api-key'?: string | readonly string[] | undefined;
}

/**
 * The key that a request presents: `Authorization: Bearer`, else `x-api-key`, else the password of Basic
 * (as in `http://:KEY@scaler:8090/…`). An empty one counts as none.
 */
export function presentedKey(headers: CredentialHeaders): string | undefined {
  if (headers.authorization === undefined && headers['x-api-key'] === undefined) return undefined;
  const [, scheme = '', credentials = ''] =
    /^\s*([A-Za-z]+)\s+(\S+)\s*$/.exec(headers.authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return credentials;
  const apiKey = headers['x-api-key'];
  if (typeof apiKey === 'string' && apiKey.trim() !== '') return apiKey.trim();
  return scheme.toLowerCase() === 'basic' ? passwordOf(credentials) : undefined;
}

/** RFC 7617: base64 of `user:password`, where the user name has no colon. */
function passwordOf(credentials: string): string | undefined {
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  const password = colon < 0 ? '' : pair.slice(colon + 1);
  return password === '' ? undefined : password;
}
