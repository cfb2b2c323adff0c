import type { Ec2Api } from '../aws/ec2-api.ts';
import type { Clock } from '../clock.ts';
import type { ObservedReplica } from '../values/replica.ts';
import type { Driver, DriverEvent, ScaleOrder } from './driver.ts';
import { allInstances } from './ec2/all-instances.ts';
import type { Ec2HostOptions } from './ec2/ec2-driver-options.ts';
import { HostNews } from './ec2/host-news.ts';
import { groupTags, purchaseOf, REPLICA_TAG } from './ec2/host-tags.ts';
import { type Host, hostsOf } from './ec2/hosts-of.ts';
import { LastSeen } from './ec2/last-seen.ts';
import { Launcher } from './ec2/launcher.ts';
import { toObserved } from './ec2/observed-host.ts';
import { Prober } from './ec2/prober.ts';
import { type SpotRules, whoLeaves } from './ec2/purchase.ts';
import { terminateEach } from './ec2/terminate-each.ts';
import type { Ping } from './process/ping.ts';
import { toDriverError } from './to-driver-error.ts';

interface Ec2DriverParts {
  readonly api: Ec2Api;
  readonly clock: Clock;
  readonly options: Ec2HostOptions;
  /** How it asks whether a host is up. */
  readonly ping: Ping;
  readonly onEvent: (event: DriverEvent) => void;
}

/**
 * Replicas as EC2 instances of their own, launched from a launch template and found by their tags. An instance carries what it is, so nothing needs
 * to be remembered; tokens made of a replica's id keep a launch from happening twice. What this process does remember only saves
 * questions: what lists don't show yet or for a moment, what hosts have answered, whether spot has room.
 */
export class Ec2Driver implements Driver {
  readonly name = 'ec2';
  readonly namesReplicas = true;
  readonly choosesRemoved = true;
  readonly strangers: Driver['strangers'];
  readonly listGraceSeconds: number;
  readonly leastTickSeconds = 5;
  readonly startsOnce = true;
  readonly #parts: Ec2DriverParts;
  readonly #rules: SpotRules;
  readonly #launcher: Launcher;
  readonly #prober: Prober;
  readonly #news: HostNews;
  readonly #lastSeen: LastSeen;
  /** Instances that EC2 didn't know yet when they were to be ended. */
  readonly #owed = new Set<string>();

  constructor(parts: Ec2DriverParts) {
    const { api, clock, options, ping } = parts;
    this.#parts = parts;
    this.strangers = options.unknownHosts;
    this.listGraceSeconds = options.listGraceSeconds;
    this.#rules = { retryMs: options.spotRetrySeconds * 1_000, trialMs: options.spotTrialSeconds * 1_000 };
    this.#launcher = new Launcher({
      api,
      clock,
      options,
      rules: this.#rules,
      onSpotShut: (group, { sinceMs, tryAgainAtMs }) =>
        this.#warn(
          group,
          `EC2 has no room for spot hosts: on-demand hosts are launched instead; spot is asked again in ${(tryAgainAtMs - sinceMs) / 1_000} s`,
        ),
    });
    this.#prober = new Prober(ping, clock, options.unhealthyAfterProbes);
    this.#news = new HostNews(clock);
    this.#lastSeen = new LastSeen(clock, options.listGraceSeconds * 1_000);
  }

  async list(group: string, signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    const { options } = this.#parts;
    try {
      const hosts = await this.#hosts(group, signal);
      this.#learnFrom(group, hosts);
      await this.#endOwed(group, hosts, signal);
      const shown = hosts.filter((host) => !host.dead || this.#news.isMissed(host));
      const probed = shown.flatMap(({ instance }) => {
        const healthUrl =
          instance.state === 'running' ? this.#urlOf(instance, options.healthPath) : undefined;
        return healthUrl === undefined ? [] : [{ instanceId: instance.instanceId, healthUrl }];
      });
      const histories = await this.#prober.probe(group, probed, signal);
      const farewell = this.#farewell(hosts);
      return shown.map((host) =>
        toObserved(host, {
          url: this.#urlOf(host.instance, options.path),
          history: histories.get(host.instance.instanceId),
          leaving: farewell?.instanceId === host.instance.instanceId ? farewell.because : undefined,
          ...options,
        }),
      );
    } catch (error) {
      throw toDriverError(error, `listing the hosts of group "${group}"`, signal);
    }
  }

  async scale({ group, desired, launch, remove }: ScaleOrder, signal: AbortSignal): Promise<void> {
    try {
      const hosts = await this.#hosts(group, signal);
      const taken = new Set(hosts.flatMap(({ id, instance }) => [id, instance.tags[REPLICA_TAG] ?? id]));
      const absent = [...new Set(launch)].filter((id) => !taken.has(id) && !remove.includes(id));
      const [removed, launched] = await Promise.allSettled([
        this.#end(group, hosts, remove, signal),
        this.#launcher.launch(group, absent, signal),
      ]);
      if (removed.status === 'rejected') throw removed.reason;
      if (launched.status === 'rejected') throw launched.reason;
    } catch (error) {
      throw toDriverError(error, `scaling group "${group}" to ${desired} hosts`, signal);
    }
  }

  async close(): Promise<void> {
    await this.#parts.api.close();
  }

  /** All that EC2 shows, what was launched too lately for it to be shown, and what it showed a moment ago and didn't end. */
  async #hosts(group: string, signal: AbortSignal): Promise<readonly Host[]> {
    const { api, options } = this.#parts;
    signal.throwIfAborted();
    const listed = await allInstances(api, groupTags(options.pool, group), signal);
    const shown = this.#lastSeen.completed(group, listed);
    const ids = new Set(shown.map(({ instanceId }) => instanceId));
    const recent = this.#launcher.recent(group).filter(({ instanceId }) => !ids.has(instanceId));
    return hostsOf([...shown, ...recent]);
  }

  async #end(
    group: string,
    hosts: readonly Host[],
    remove: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const living = hosts.filter(({ id, dead }) => !dead && remove.includes(id));
    const instanceIds = living.map(({ instance }) => instance.instanceId);
    const { accepted, unknown, error } = await terminateEach(this.#parts.api, instanceIds, signal);
    this.#launcher.forget(accepted);
    this.#lastSeen.forget(group, accepted);
    this.#news.ended(accepted);
    for (const instanceId of accepted) this.#owed.delete(instanceId);
    for (const instanceId of unknown) this.#owed.add(instanceId);
    if (error) throw error;
  }

  /** The order to end them was taken, so they are ended as soon as EC2 knows them, whether or not the order is repeated. */
  async #endOwed(group: string, hosts: readonly Host[], signal: AbortSignal): Promise<void> {
    const living = hosts.filter(({ instance, dead }) => !dead && this.#owed.has(instance.instanceId));
    if (living.length === 0) return;
    const ids = living.map(({ id }) => id);
    await this.#end(group, hosts, ids, signal).catch(() => undefined); // they stay owed, and the next list tries again
    signal.throwIfAborted();
  }

  #learnFrom(group: string, hosts: readonly Host[]): void {
    for (const news of this.#news.of(hosts)) {
      if (news.kind === 'no-room') this.#launcher.spotFailed(group);
      else this.#warn(group, news.message);
    }
  }

  #farewell(hosts: readonly Host[]) {
    const { options, clock } = this.#parts;
    if (options.purchase !== 'spot-first') return undefined;
    const bought = hosts
      .filter(({ dead }) => !dead)
      .map(({ instance }) => ({
        instanceId: instance.instanceId,
        purchase: purchaseOf(instance),
        launchedAtMs: instance.launchedAtMs,
        running: instance.state === 'running',
      }));
    return whoLeaves(bought, this.#launcher.market, this.#rules, clock.nowMs());
  }

  #urlOf({ privateAddress, publicAddress }: Host['instance'], path: string): string | undefined {
    const { address, port } = this.#parts.options;
    const host = address === 'public' ? publicAddress : privateAddress;
    return host === undefined ? undefined : `http://${host}:${port}${path}`;
  }

  #warn(group: string, message: string): void {
    this.#parts.onEvent({ kind: 'warned', group, message });
  }
}
