/** What a host says of itself to its scaler. */
export type HostClaim =
  | { readonly state: 'ready'; readonly url?: string }
  | { readonly state: 'unhealthy'; readonly because: string }
  /** `deadlineMs`: when it is gone; without one it had better be replaced. */
  | { readonly state: 'leaving'; readonly because: string; readonly deadlineMs?: number };

/** The body of `POST /v1/hosts/{id}` at the moment it is sent: what is left of a time, whatever time the scaler's clock shows. */
export function claimBody(claim: HostClaim, nowMs: number): Readonly<Record<string, unknown>> {
  if (claim.state !== 'leaving') return claim;
  const { deadlineMs, ...rest } = claim;
  if (deadlineMs === undefined) return rest;
  return { ...rest, deadline_seconds: Math.max(0, Math.round((deadlineMs - nowMs) / 1_000)) };
}
