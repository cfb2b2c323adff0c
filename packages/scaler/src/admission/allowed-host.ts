/**
 * Whether a `Host` header names a host of the list. A web page that resolves its own name to this machine
 * (DNS rebinding) still sends that name here, which is how it is told apart.
 */
export function isAllowedHost(header: string | undefined, allowedHosts: readonly string[]): boolean {
  if (header === undefined) return false;
  const value = header.trim().toLowerCase();
  const name = value.replace(/:\d*$/, '').replace(/\.$/, '');
  return name !== '' && (allowedHosts.includes(name) || allowedHosts.includes(value));
}
