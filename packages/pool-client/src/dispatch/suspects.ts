/** How long a tenant with a bad text is watched, in milliseconds. */
const WATCHED_MS = 30_000;

/** Most tenants that are watched; beyond, the longest watched is forgotten. */
const MOST = 1_000;

/**
 * Tenants that lately had a text which backends refuse. Their chunks share no batch with those of others, so that nobody else waits while
 * the next bad one is searched for.
 */
export class Suspects {
  readonly #untilMs = new Map<string, number>();

  note(tenant: string, nowMs: number): void {
    this.#untilMs.delete(tenant);
    this.#untilMs.set(tenant, nowMs + WATCHED_MS);
    const [longest] = this.#untilMs.keys();
    if (this.#untilMs.size > MOST && longest !== undefined) this.#untilMs.delete(longest);
  }

  /** Who is watched now; undefined when nobody is. */
  at(nowMs: number): ReadonlySet<string> | undefined {
    for (const [tenant, untilMs] of this.#untilMs) {
      if (untilMs > nowMs) break;
      this.#untilMs.delete(tenant);
    }
    return this.#untilMs.size === 0 ? undefined : new Set(this.#untilMs.keys());
  }
}
