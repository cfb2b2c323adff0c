import { availableParallelism, totalmem } from 'node:os';
import type { Clock } from './clock.ts';
import type { GroupConfig, ScalerConfig } from './config/scaler-config.ts';
import { outsideSources } from './outside-sources.ts';
import type { Readings, SignalSource } from './reconcile/readings.ts';
import { Collector, samplesFor } from './signals/collector.ts';
import { emptyReplicas } from './signals/empty-replicas.ts';
import { parseGatewayTargets } from './signals/gateway-targets.ts';
import type { ReplicaLimits } from './signals/process-usage.ts';

/** Where processes of replicas are known, their ids are too. */
export type PidsOfReplicas = () => ReadonlyMap<string, number>;

/** Gateways, Prometheus, AWS and processes as the loop's one source of signals. `env` is what replicas inherit. */
export function collectedSignals(
  config: ScalerConfig,
  clock: Clock,
  pids: PidsOfReplicas,
  env: Readonly<Record<string, string | undefined>>,
): SignalSource & { close(): Promise<void> } {
  const sources = outsideSources(config.signals);
  const collector = new Collector({
    gateways: config.gatewayUrl.length === 0 ? [] : parseGatewayTargets(config.gatewayUrl.join(',')),
    sources,
    limitsOf: (id) => limitsOf(groupOf(id, config), env),
    clock,
  });
  return {
    async read(_nowMs, signal): Promise<Readings> {
      const readings = await collector.collect(pids(), signal);
      const gateways = readings.gateways.map(({ current }) => current);
      return {
        samplesFor: (group) => samplesFor(readings, group),
        isEmpty: (id, sinceMs) => emptyReplicas([{ id, sinceMs }], gateways).has(id),
        inFlight(id) {
          if (gateways.length === 0) return undefined;
          let sum = 0;
          for (const gateway of gateways) {
            if (gateway.kind !== 'read') return undefined;
            sum += gateway.backends.get(id)?.inFlightChunks ?? 0;
          }
          return sum;
        },
      };
    },
    async close() {
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}

/** Ids of replicas are their group's name with two more parts: see `Scaler`. */
function groupOf(id: string, { groups }: ScalerConfig): GroupConfig | undefined {
  const name = id.split('-').slice(0, -2).join('-');
  return groups.find((group) => group.name === name);
}

/** One replica's share of this machine, as `localBackendCommand` gives it. */
function limitsOf(
  group: GroupConfig | undefined,
  { MAX_WORKERS }: Readonly<Record<string, string | undefined>>,
): ReplicaLimits {
  const replicas = Math.max(1, group?.max ?? 1);
  const share = Math.max(1, Math.floor(availableParallelism() / replicas));
  return { cores: Number(MAX_WORKERS) || share, memoryBytes: totalmem() / replicas };
}
