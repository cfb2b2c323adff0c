import type { EngineStats } from './engine-values.ts';

/** Parts of what a container may use, from 0 to 100 of its limit; more where the limit is soft. */
export interface ContainerUsage {
  /** Undefined at a first look: it takes two. */
  readonly cpuPercent: number | undefined;
  readonly memoryPercent: number;
}

/** Why there is no usage yet, or what it is. */
export type UsageReading =
  | { readonly kind: 'read'; readonly usage: ContainerUsage }
  | { readonly kind: 'missing'; readonly reason: string };

/**
 * What a container used between two looks. Without a limit of CPUs all that the node has are 100 %; memory is that of its group of processes
 * without file pages that can be dropped, as `docker stats` shows it.
 *
 * @param nanoCpus the task's limit
 */
export function containerUsage(
  earlier: EngineStats | undefined,
  now: EngineStats,
  nanoCpus: number | undefined,
): UsageReading {
  const used = now.cpu_stats.cpu_usage.total_usage;
  const { usage: bytes, limit, stats = {} } = now.memory_stats;
  if (used === undefined || bytes === undefined || !limit) return missing('its container has ended');
  const droppable = Number(stats.total_inactive_file ?? stats.inactive_file ?? 0);
  const memoryPercent = (Math.max(0, bytes - droppable) / limit) * 100;
  const before = earlier?.cpu_stats.cpu_usage.total_usage;
  const elapsedNs = earlier === undefined ? 0 : (Date.parse(now.read) - Date.parse(earlier.read)) * 1e6;
  const cores = nanoCpus ? nanoCpus / 1e9 : (now.cpu_stats.online_cpus ?? 0);
  // A counter that fell is another container's; the same look twice says nothing.
  const known = before !== undefined && used >= before && elapsedNs > 0 && cores > 0;
  const cpuPercent = known ? ((used - before) / elapsedNs / cores) * 100 : undefined;
  return { kind: 'read', usage: { cpuPercent, memoryPercent } };
}

function missing(reason: string): UsageReading {
  return { kind: 'missing', reason };
}
