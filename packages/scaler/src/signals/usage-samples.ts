import type { Sample, SignalName } from '../values/sample.ts';
import type { ProcessUsage } from './process-usage.ts';

type UsageSignal = Extract<
  SignalName,
  'cpu_percent' | 'memory_percent' | 'disk_read_bytes_per_second' | 'disk_write_bytes_per_second'
>;

/** Means over the group's ready replicas. One that can't be read and all are missing: the mean of the others may be anything. */
export function usageSamples(
  usage: ReadonlyMap<string, ProcessUsage>,
  readyIds: readonly string[],
  nowMs: number,
): Readonly<Record<UsageSignal, Sample>> {
  const each = (of: (usage: ReadUsage) => number | undefined): Sample => mean(usage, readyIds, nowMs, of);
  return {
    cpu_percent: each(({ cpuPercent }) => cpuPercent),
    memory_percent: each(({ memoryPercent }) => memoryPercent),
    disk_read_bytes_per_second: each(({ disk }) => disk?.readBytesPerSecond),
    disk_write_bytes_per_second: each(({ disk }) => disk?.writtenBytesPerSecond),
  };
}

type ReadUsage = Extract<ProcessUsage, { kind: 'read' }>;

function mean(
  usage: ReadonlyMap<string, ProcessUsage>,
  readyIds: readonly string[],
  nowMs: number,
  of: (usage: ReadUsage) => number | undefined,
): Sample {
  const missing = (reason: string, atMs = nowMs): Sample => ({ kind: 'missing', reason, atMs });
  if (readyIds.length === 0) return missing('no replica is ready');
  let sum = 0;
  let atMs = nowMs;
  for (const id of readyIds) {
    const one = usage.get(id);
    if (one === undefined) return missing(`${id}: its process is not known`);
    if (one.kind === 'failed') return missing(`${id}: ${one.reason}`, one.atMs);
    const value = of(one);
    if (value === undefined) return missing(`${id}: its process belongs to another user`, one.atMs);
    sum += value;
    atMs = Math.min(atMs, one.atMs);
  }
  return { kind: 'value', value: sum / readyIds.length, atMs };
}
