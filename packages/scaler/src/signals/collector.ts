import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import type { Samples } from '../values/sample.ts';
import { type Deadline, within } from '../within.ts';
import type { GatewayReading, ReadGateway } from './gateway-reading.ts';
import { type GatewayHistory, gatewaySamples } from './gateway-samples.ts';
import type { GatewayTarget } from './gateway-targets.ts';
import type { MeasuredGroup } from './measured-group.ts';
import type { OutsideSample, OutsideSource } from './outside-source.ts';
import { type ProcFiles, systemProcFiles } from './proc-files.ts';
import { type ProcessUsage, processUsage, type ReplicaLimits, type TreeReading } from './process-usage.ts';
import { readGateway, SCRAPE_TIMEOUT_MS } from './read-gateway.ts';
import { readProcessTrees } from './read-process-trees.ts';
import { type ResolveHost, resolveGateways } from './resolve-gateways.ts';
import { usageSamples } from './usage-samples.ts';

/** What one tick found out. */
export interface Readings {
  readonly atMs: number;
  readonly gateways: readonly GatewayHistory[];
  /** Of Prometheus, CloudWatch and their like. */
  readonly outside: readonly OutsideSample[];
  /** By replica id; only replicas that are processes of this machine. */
  readonly usage: ReadonlyMap<string, ProcessUsage>;
}

export interface CollectorOptions {
  readonly gateways: readonly GatewayTarget[];
  /** Who measures further signals. @default nobody */
  readonly sources?: readonly OutsideSource[];
  /** What 100 % is for replicas that are processes. */
  readonly limitsOf: (replicaId: string) => ReplicaLimits;
  /** For all sources of one tick together. @default 3000 */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  readonly proc?: ProcFiles;
  readonly resolve?: ResolveHost;
}

/** How long a gateway is read that has left its name: longer than it takes to finish what it accepted. */
const LEAVING_MS = 120_000;

/** Reads all sources side by side and remembers what rates are computed from. Starts nothing by itself. */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  /** The last good reading of each gateway that is still listed. */
  #readGateways: ReadonlyMap<string, ReadGateway> = new Map();
  #leftAtMs: ReadonlyMap<string, number> = new Map();
  #trees: ReadonlyMap<string, TreeReading> = new Map();

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#timeoutMs = options.timeoutMs ?? SCRAPE_TIMEOUT_MS;
  }

  /**
   * One tick; not to be called again before it has resolved. Never rejects: what could not be read says so.
   *
   * @param pids replica ids and their processes, of all groups; empty where replicas are no processes of this machine
   */
  async collect(pids: ReadonlyMap<string, number>, signal: AbortSignal): Promise<Readings> {
    const deadlineMs = this.#clock.nowMs() + this.#timeoutMs;
    const [gateways, outside, usage] = await Promise.all([
      this.#collectGateways(deadlineMs, signal),
      this.#collectOutside(deadlineMs, signal),
      this.#collectUsage(pids, deadlineMs, signal),
    ]);
    return { atMs: this.#clock.nowMs(), gateways, outside, usage };
  }

  async #collectGateways(deadlineMs: number, signal: AbortSignal): Promise<readonly GatewayHistory[]> {
    const { gateways, resolve } = this.#options;
    const found = await Promise.all(
      gateways.map((target) => resolveGateways(target, this.#left(deadlineMs, signal), resolve)),
    );
    const urls = new Set(found.flatMap((each) => (each.kind === 'resolved' ? each.urls : [])));
    const unresolved = found.flatMap((each): GatewayReading[] =>
      each.kind === 'failed'
        ? [{ kind: 'failed', gateway: each.target, beganAtMs: this.#clock.nowMs(), reason: each.reason }]
        : [],
    );
    const leaving = this.#leaving(urls);
    const [listed, left] = await Promise.all(
      [[...urls], leaving].map((some) =>
        Promise.all(some.map((url) => readGateway(url, this.#left(deadlineMs, signal)))),
      ),
    );
    // One that has left its name and answers no more has ended.
    const readings = [...(listed ?? []), ...(left ?? []).filter(({ kind }) => kind === 'read')];
    const histories = [...readings, ...unresolved].map((current) => ({
      current,
      earlier: this.#readGateways.get(current.gateway),
    }));
    // While a name doesn't resolve nobody knows which of them are gone.
    this.#readGateways = new Map([
      ...[...this.#readGateways].filter(
        ([url]) => urls.has(url) || leaving.includes(url) || unresolved.length > 0,
      ),
      ...readings.flatMap((each) => (each.kind === 'read' ? [[each.gateway, each] as const] : [])),
    ]);
    return histories;
  }

  /** Gateways that were read before and are in no name any more: for a while they may still finish what they have. */
  #leaving(urls: ReadonlySet<string>): readonly string[] {
    const nowMs = this.#clock.nowMs();
    const gone = [...this.#readGateways.keys()].filter((url) => !urls.has(url));
    this.#leftAtMs = new Map(gone.map((url) => [url, Math.min(nowMs, this.#leftAtMs.get(url) ?? nowMs)]));
    return gone.filter((url) => nowMs - (this.#leftAtMs.get(url) ?? nowMs) <= LEAVING_MS);
  }

  async #collectOutside(deadlineMs: number, signal: AbortSignal): Promise<readonly OutsideSample[]> {
    const { sources = [] } = this.#options;
    const read = await Promise.all(sources.map((source) => source.read(this.#left(deadlineMs, signal))));
    return read.flat();
  }

  async #collectUsage(
    pids: ReadonlyMap<string, number>,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ProcessUsage>> {
    if (pids.size === 0) return new Map();
    const { proc = systemProcFiles, limitsOf } = this.#options;
    const nowMs = this.#clock.nowMs();
    const read = await within(this.#left(deadlineMs, signal), () =>
      readProcessTrees(pids.values(), proc, nowMs),
    );
    const trees = new Map(
      [...pids].map(([id, pid]): [string, TreeReading] => [
        id,
        (read.kind === 'done' ? read.value.get(pid) : undefined) ?? {
          kind: 'failed',
          atMs: nowMs,
          reason: '/proc was not read in time',
        },
      ]),
    );
    const usage = new Map(
      [...trees].map(([id, tree]) => [id, processUsage(this.#trees.get(id), tree, limitsOf(id))]),
    );
    this.#trees = new Map(
      [...trees].flatMap(([id, tree]) => {
        const kept = tree.kind === 'read' ? tree : this.#trees.get(id);
        return kept ? [[id, kept] as const] : [];
      }),
    );
    return usage;
  }

  #left(deadlineMs: number, signal: AbortSignal): Deadline {
    // A clock that was set back must not lengthen it.
    const leftMs = Math.min(this.#timeoutMs, Math.max(1, deadlineMs - this.#clock.nowMs()));
    return { clock: this.#clock, timeoutMs: leftMs, signal };
  }
}

/**
 * What is known of one group. A name that isn't there isn't measured: usage where replicas are no processes of this machine,
 * speed until it is learned. A signal of the outside may take a built-in signal's name and replaces it: `cpu_percent` of a Swarm; one that is
 * the group's own goes before one for all.
 */
export function samplesFor(
  { atMs, gateways, outside, usage }: Readings,
  group: MeasuredGroup & { readonly name: string },
): Samples {
  const own = group.replicaIds.some((id) => usage.has(id)) ? usageSamples(usage, group.readyIds, atMs) : {};
  return {
    ...gatewaySamples(gateways, group, atMs),
    ...own,
    ...byName(outside.filter((each) => each.group === undefined)),
    ...byName(outside.filter((each) => each.group === group.name)),
  };
}

function byName(outside: readonly OutsideSample[]): Samples {
  return Object.fromEntries(outside.map(({ name, sample }) => [name, sample]));
}
