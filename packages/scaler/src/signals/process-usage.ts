/** What a process and its descendants had used up at one moment. */
export type TreeReading =
  | {
      readonly kind: 'read';
      readonly atMs: number;
      /** With the process' id it says which process it is: ids are used again. */
      readonly startedAt: number;
      /** Children that have ended included. */
      readonly cpuSeconds: number;
      /** Resident; pages that the tree's processes share count for each. */
      readonly memoryBytes: number;
      /** What went to and came from the disks, not the page cache. Undefined where the processes are another user's. */
      readonly disk: { readonly readBytes: number; readonly writtenBytes: number } | undefined;
    }
  | { readonly kind: 'failed'; readonly atMs: number; readonly reason: string };

/** What one replica may use: 100 % is all of it. */
export interface ReplicaLimits {
  readonly cores: number;
  readonly memoryBytes: number;
}

/** One replica's use in an interval. */
export type ProcessUsage =
  | {
      readonly kind: 'read';
      readonly atMs: number;
      /** Of the cores that the replica may use, 0 to 100. */
      readonly cpuPercent: number;
      /** Of the memory that it may use at the interval's end, 0 to 100. */
      readonly memoryPercent: number;
      readonly disk:
        | { readonly readBytesPerSecond: number; readonly writtenBytesPerSecond: number }
        | undefined;
    }
  | { readonly kind: 'failed'; readonly atMs: number; readonly reason: string };

/**
 * Use between two readings of one tree.
 *
 * A child that ends leaves its time with the parent that waited for it. One whose parent is gone takes it along; then
 * less was used in the end than at the beginning, and 0 is said.
 *
 * 3 s of CPU in 2 s on 4 cores: 100 × 3 / (2 × 4) = 37.5 %.
 */
export function processUsage(
  earlier: TreeReading | undefined,
  later: TreeReading,
  { cores, memoryBytes }: ReplicaLimits,
): ProcessUsage {
  if (later.kind === 'failed') return later;
  const { atMs } = later;
  if (earlier?.kind !== 'read' || earlier.startedAt !== later.startedAt || earlier.atMs >= atMs) {
    return { kind: 'failed', reason: 'it takes a second reading', atMs };
  }
  const seconds = (atMs - earlier.atMs) / 1_000;
  const perSecond = (before: number, after: number) => Math.max(0, after - before) / seconds;
  return {
    kind: 'read',
    atMs,
    cpuPercent: percent(perSecond(earlier.cpuSeconds, later.cpuSeconds), cores),
    memoryPercent: percent(later.memoryBytes, memoryBytes),
    disk:
      earlier.disk && later.disk
        ? {
            readBytesPerSecond: perSecond(earlier.disk.readBytes, later.disk.readBytes),
            writtenBytesPerSecond: perSecond(earlier.disk.writtenBytes, later.disk.writtenBytes),
          }
        : undefined,
  };
}

function percent(used: number, of: number): number {
  return Math.min(100, (100 * used) / of);
}
