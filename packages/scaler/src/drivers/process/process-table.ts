/** A process, as far as a driver cares. */
export interface TableEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** Tells a process from a later one that got its pid: grows with time, in a unit of the platform's own. */
  readonly startedAt: number;
  /** What it was started with, of those that begin with {@link VARIABLE_PREFIX}. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The living processes of this user. */
export interface ProcessTable {
  /** All that carry a variable with {@link VARIABLE_PREFIX}; the whole list or an error. Zombies are not living. */
  read(signal: AbortSignal): Promise<readonly TableEntry[]>;
  /** The one with this pid, if it lives and its variables can be read. */
  find(pid: number): Promise<TableEntry | undefined>;
}

/** How names of variables begin that a table shows; others, and the secrets among them, are never kept. */
export const VARIABLE_PREFIX = 'FOREBAY_REPLICA_';

/** Whether both are the same process, not only the same pid. */
export function sameProcess(a: TableEntry, b: TableEntry | undefined): boolean {
  return b !== undefined && a.pid === b.pid && a.startedAt === b.startedAt;
}

/** Names a process for as long as the machine runs. */
export function keyOf({ pid, startedAt }: TableEntry): string {
  return `${pid}-${startedAt}`;
}
