import { availableParallelism, totalmem } from 'node:os';
import type { Clock } from './clock.ts';
import type { ScalerConfig } from './config/scaler-config.ts';
import type { Readings, SignalSource } from './reconcile/readings.ts';
import { Collector, samplesFor } from './signals/collector.ts';
import { emptyReplicas } from './signals/empty-replicas.ts';
import { parseGatewayTargets } from './signals/gateway-targets.ts';

/** Where processes of replicas are known, their ids are too. */
export type PidsOfReplicas = () => ReadonlyMap<string, number>;

/** Gateways, Prometheus and processes as the loop's one source of signals. */
export function collectedSignals(config: ScalerConfig, clock: Clock, pids: PidsOfReplicas): SignalSource {
  const most = Math.max(1, ...config.groups.map(({ max }) => max));
  const collector = new Collector({
    gateways: parseGatewayTargets(config.gatewayUrl.join(',')),
    queries: config.signals,
    // What local backends are given: see `localBackendCommand`.
    limits: { cores: Math.max(1, Math.floor(availableParallelism() / most)), memoryBytes: totalmem() / most },
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
          let sum = 0;
          for (const gateway of gateways) {
            if (gateway.kind !== 'read') return undefined;
            sum += gateway.backends.get(id)?.inFlightChunks ?? 0;
          }
          return sum;
        },
      };
    },
  };
}
