import type { Sample, Samples } from '../../values/sample.ts';
import type { Pod, PodMetrics } from './api-objects.ts';
import { quantity } from './quantity.ts';

/** What percentages are of. The HPA's are of requests. */
export type UsageBase = 'requests' | 'limits';

/** Metrics-server measures every 15 to 60 s, and a window of pods' usage is as long. */
const MEASURED_WITHIN_SECONDS = 120;

/**
 * CPU and memory of ready pods in percent: what all use over what all request (or may use), as the HPA has it. One pod that metrics-server doesn't
 * know yet, or a container without a base, makes the whole missing: a mean of the others would say too little or too much.
 */
export function usageSamples(
  pods: readonly Pod[],
  metrics: readonly PodMetrics[],
  base: UsageBase,
  nowMs: number,
): Samples {
  const byName = new Map(metrics.map((each) => [each.metadata.name, each]));
  const sample = (resource: 'cpu' | 'memory') => percentOf(pods, byName, resource, base, nowMs);
  return { cpu_percent: sample('cpu'), memory_percent: sample('memory') };
}

/** The same reason for both. */
export function missingUsage(reason: string, nowMs: number): Samples {
  const missing: Sample = { kind: 'missing', reason, atMs: nowMs };
  return { cpu_percent: missing, memory_percent: missing };
}

function percentOf(
  pods: readonly Pod[],
  metrics: ReadonlyMap<string, PodMetrics>,
  resource: 'cpu' | 'memory',
  base: UsageBase,
  nowMs: number,
): Sample {
  const missing = (reason: string): Sample => ({ kind: 'missing', reason, atMs: nowMs });
  let used = 0;
  let room = 0;
  let atMs = nowMs;
  for (const { metadata, spec } of pods) {
    const measured = metrics.get(metadata.name);
    if (measured === undefined) return missing(`metrics-server says nothing of pod ${metadata.name} yet`);
    for (const { name, resources } of spec.containers) {
      const text = resources?.[base]?.[resource];
      const usage = measured.containers.find((container) => container.name === name)?.usage[resource];
      if (text === undefined)
        return missing(`container ${name} of pod ${metadata.name} has no ${resource} in ${base}`);
      if (usage === undefined)
        return missing(`metrics-server says nothing of container ${name} of pod ${metadata.name}`);
      used += quantity(usage);
      room += quantity(text);
    }
    const measuredAtMs = Date.parse(measured.timestamp);
    if (measuredAtMs < atMs) atMs = measuredAtMs;
  }
  if (pods.length === 0) return missing('no pod is ready');
  const value = (100 * used) / room;
  return Number.isFinite(value)
    ? { kind: 'value', value, atMs, freshForSeconds: MEASURED_WITHIN_SECONDS }
    : missing(`pods' ${resource} can't be understood`);
}
