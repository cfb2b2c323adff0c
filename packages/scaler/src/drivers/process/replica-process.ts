import type { TableEntry } from './process-table.ts';
import { fromVariables, type ReplicaMarkers } from './replica-markers.ts';

/** A process that stands for a replica. */
export interface ReplicaProcess {
  readonly entry: TableEntry;
  readonly markers: ReplicaMarkers;
}

/**
 * The processes of `pool` that stand for replicas, the oldest first. Children inherit the environment: of a family only the top one
 * counts. When that one is gone its children are tops, so a replica exists until its last process ends.
 */
export function replicaProcesses(entries: readonly TableEntry[], pool: string): readonly ReplicaProcess[] {
  const family = entries.flatMap((entry): ReplicaProcess[] => {
    const markers = fromVariables(entry.variables);
    return markers?.pool === pool ? [{ entry, markers }] : [];
  });
  const idOfPid = new Map(family.map(({ entry, markers }) => [entry.pid, markers.id]));
  return family
    .filter(({ entry, markers }) => idOfPid.get(entry.parentPid) !== markers.id)
    .toSorted((a, b) => a.entry.startedAt - b.entry.startedAt || a.entry.pid - b.entry.pid);
}

/** One for each id: the oldest. */
export function firstOfEachId(processes: readonly ReplicaProcess[]): readonly ReplicaProcess[] {
  const byId = new Map<string, ReplicaProcess>();
  for (const process of processes) if (!byId.has(process.markers.id)) byId.set(process.markers.id, process);
  return [...byId.values()];
}
