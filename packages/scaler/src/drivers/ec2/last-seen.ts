import type { Ec2Instance } from '../../aws/ec2-api.ts';
import type { Clock } from '../../clock.ts';

interface Seen {
  readonly instance: Ec2Instance;
  readonly atMs: number;
}

/**
 * Remembers, for this process only, which instances lists have shown alive. EC2 shows one for an hour after its end; a list that lacks it before was
 * answered from a place that has not heard of everything, as AWS lets its lists be.
 */
export class LastSeen {
  readonly #clock: Clock;
  readonly #graceMs: number;
  /** By group and instance. */
  readonly #seen = new Map<string, ReadonlyMap<string, Seen>>();

  /** @param graceMs one that lists lack for longer is gone */
  constructor(clock: Clock, graceMs: number) {
    this.#clock = clock;
    this.#graceMs = graceMs;
  }

  /** The list, and as they were seen last those that it lacks. */
  completed(group: string, listed: readonly Ec2Instance[]): readonly Ec2Instance[] {
    const nowMs = this.#clock.nowMs();
    const ids = new Set(listed.map(({ instanceId }) => instanceId));
    const missing = [...(this.#seen.get(group) ?? [])].filter(
      ([id, { atMs }]) => !ids.has(id) && nowMs >= atMs && nowMs - atMs < this.#graceMs,
    );
    const alive = listed.filter(({ state }) => state !== 'shutting-down' && state !== 'terminated');
    const seen = alive.map((instance) => [instance.instanceId, { instance, atMs: nowMs }] as const);
    this.#seen.set(group, new Map([...missing, ...seen]));
    return [...listed, ...missing.map(([, { instance }]) => instance)];
  }

  /** They were ended: a list that doesn't show them is right. */
  forget(group: string, instanceIds: readonly string[]): void {
    const seen = [...(this.#seen.get(group) ?? [])].filter(([id]) => !instanceIds.includes(id));
    this.#seen.set(group, new Map(seen));
  }
}
