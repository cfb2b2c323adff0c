import type { Clock } from '../../clock.ts';
import type { Ping } from '../process/ping.ts';
import { inParallel } from './in-parallel.ts';
import { afterProbe, type ProbeHistory } from './probe-history.ts';

/** A host and where it says whether it is up. */
export interface ProbedHost {
  readonly instanceId: string;
  readonly healthUrl: string;
}

const PROBES_AT_A_TIME = 100;

/** No more probes are begun after this: a list has to come in time even if half of the hosts let us wait. The others are asked next time, first. */
const PROBING_MS = 4_000;

/** Asks hosts whether they are up and remembers, for this process only, what they have answered so far. */
export class Prober {
  readonly #ping: Ping;
  readonly #clock: Clock;
  readonly #unhealthyAfter: number;
  /** By group and instance. */
  readonly #asked = new Map<string, Map<string, Asked>>();

  constructor(ping: Ping, clock: Clock, unhealthyAfter: number) {
    this.#ping = ping;
    this.#clock = clock;
    this.#unhealthyAfter = unhealthyAfter;
  }

  /**
   * The history of each of these hosts once they were asked again; those of others of the group are forgotten. The first time nobody
   * knows which of them have answered before, as after a restart, so that one lost probe would take a ready host for one that
   * starts: those that don't answer are asked as often as makes one unhealthy.
   */
  async probe(
    group: string,
    hosts: readonly ProbedHost[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ProbeHistory>> {
    const rounds = this.#asked.has(group) ? 1 : this.#unhealthyAfter;
    const asked = this.#keep(group, hosts);
    const untilMs = this.#clock.nowMs() + PROBING_MS;
    for (let round = 0; round < rounds && this.#clock.nowMs() < untilMs; round += 1) {
      const silent = (host: ProbedHost) => asked.get(host.instanceId)?.history.kind !== 'answered';
      await this.#ask(round === 0 ? hosts : hosts.filter(silent), asked, untilMs, signal);
    }
    return new Map(hosts.map(({ instanceId }) => [instanceId, asked.get(instanceId)?.history ?? NEVER]));
  }

  async #ask(
    hosts: readonly ProbedHost[],
    asked: Map<string, Asked>,
    untilMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const longestAgoFirst = hosts.toSorted(
      (a, b) => (asked.get(a.instanceId)?.atMs ?? 0) - (asked.get(b.instanceId)?.atMs ?? 0),
    );
    await inParallel(longestAgoFirst, PROBES_AT_A_TIME, async ({ instanceId, healthUrl }) => {
      const answers = await this.#ping(healthUrl, signal);
      signal.throwIfAborted(); // the answer is worth nothing then
      const atMs = this.#clock.nowMs();
      asked.set(instanceId, { history: afterProbe(asked.get(instanceId)?.history ?? NEVER, answers), atMs });
      return atMs < untilMs;
    });
  }

  #keep(group: string, hosts: readonly ProbedHost[]): Map<string, Asked> {
    const before = this.#asked.get(group);
    const kept = new Map(
      hosts.flatMap(({ instanceId }) => {
        const known = before?.get(instanceId);
        return known === undefined ? [] : [[instanceId, known] as const];
      }),
    );
    this.#asked.set(group, kept);
    return kept;
  }
}

interface Asked {
  readonly history: ProbeHistory;
  readonly atMs: number;
}

const NEVER: ProbeHistory = { kind: 'never-answered' };
