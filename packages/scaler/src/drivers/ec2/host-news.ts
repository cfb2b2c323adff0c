import type { Clock } from '../../clock.ts';
import { REPLICA_TAG } from './host-tags.ts';
import type { Host } from './hosts-of.ts';

/** What a list shows for the first time. */
export type News =
  /** A spot host was taken away as soon as it was launched: EC2 has no room. */
  { readonly kind: 'no-room' } | { readonly kind: 'twin'; readonly message: string };

/** Why EC2 ends a spot host that it has only just begun to launch. */
const NO_ROOM: ReadonlySet<string | undefined> = new Set([
  'Server.InsufficientInstanceCapacity',
  'Server.SpotInstanceTermination',
]);

/** How long a host counts as only just launched in this respect. */
const YOUNG_MS = 600_000;

/** EC2 lists instances for an hour after their end. */
const LISTED_MS = 2 * 3_600_000;

/** Remembers, for this process only, which instances were ended here and which were spoken about. */
export class HostNews {
  readonly #clock: Clock;
  readonly #ended = new Map<string, number>();
  readonly #told = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Their end was asked for. */
  ended(instanceIds: readonly string[]): void {
    for (const instanceId of instanceIds) this.#ended.set(instanceId, this.#clock.nowMs());
  }

  /** Whether a dead host's end would be seen by nobody else: that of one that was ended here is no news. */
  isMissed({ instance, twin }: Host): boolean {
    return instance.tags[REPLICA_TAG] !== undefined && !twin && !this.#ended.has(instance.instanceId);
  }

  of(hosts: readonly Host[]): readonly News[] {
    for (const memory of [this.#ended, this.#told]) this.#keepListed(memory, hosts);
    return hosts.flatMap((host) => {
      const news = this.#newsOf(host);
      if (news === undefined || this.#told.has(host.instance.instanceId)) return [];
      this.#told.set(host.instance.instanceId, this.#clock.nowMs());
      return [news];
    });
  }

  #newsOf({ id, instance, dead, twin }: Host): News | undefined {
    const { instanceId, spot, stateReason, launchedAtMs, tags } = instance;
    const young = this.#clock.nowMs() - launchedAtMs < YOUNG_MS;
    if (dead) return spot && young && NO_ROOM.has(stateReason?.code) ? { kind: 'no-room' } : undefined;
    if (!twin) return undefined;
    const message = `instance ${instanceId} says that it is replica "${tags[REPLICA_TAG] ?? id}", which an older instance is: it counts as a host that nobody knows`;
    return { kind: 'twin', message };
  }

  /** Forgets what hasn't been listed for long; a list of one group says nothing of others' instances. */
  #keepListed(memory: Map<string, number>, hosts: readonly Host[]): void {
    const nowMs = this.#clock.nowMs();
    for (const { instance } of hosts)
      if (memory.has(instance.instanceId)) memory.set(instance.instanceId, nowMs);
    for (const [instanceId, atMs] of memory) if (nowMs - atMs > LISTED_MS) memory.delete(instanceId);
  }
}
