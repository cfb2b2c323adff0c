import type { TenantWeight } from '../discovery/backend-source.ts';

/** How long a tenant counts as one that uses the queue, in milliseconds. */
const REMEMBERED_MS = 60_000;

/** Who uses the pool, and what share of it each has. */
export class Tenants {
  readonly #lastSeenMs = new Map<string, number>();
  #listed: ReadonlyMap<string, number> = new Map();

  /** Takes over what the sources say; a weight of theirs takes the place of a caller's. */
  follow(weights: readonly TenantWeight[]): void {
    this.#listed = new Map(weights.map(({ id, weight }) => [id, weight]));
  }

  /** A tenant's share against the others'; `given` is what its call says. */
  weightOf(tenant: string, given: number | undefined): number {
    return this.#listed.get(tenant) ?? given ?? 1;
  }

  /** Notes that a tenant calls; whether another one did within the last minute. */
  seen(tenant: string, nowMs: number): boolean {
    // The one seen last stands last.
    this.#lastSeenMs.delete(tenant);
    this.#lastSeenMs.set(tenant, nowMs);
    if (this.#lastSeenMs.size === 1) return false;
    for (const [other, seenMs] of this.#lastSeenMs) {
      if (nowMs - seenMs <= REMEMBERED_MS) return other !== tenant;
      this.#lastSeenMs.delete(other);
    }
    return false;
  }
}
