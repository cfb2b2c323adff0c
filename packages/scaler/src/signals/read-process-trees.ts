import type { ProcFiles } from './proc-files.ts';
import type { TreeReading } from './process-usage.ts';

/** Linux counts CPU time for user programs in hundredths of a second on every machine that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Sums up each process of `roots` and all that descend from it. Never rejects: a tree that can't be read says why. */
export async function readProcessTrees(
  roots: Iterable<number>,
  proc: ProcFiles,
  nowMs: number,
): Promise<ReadonlyMap<number, TreeReading>> {
  const pids = await proc.pids().catch(() => undefined);
  if (pids === undefined) {
    const reason = 'there is no /proc: usage of processes is measured on Linux only';
    return new Map([...roots].map((root) => [root, { kind: 'failed', reason, atMs: nowMs }]));
  }
  // Processes come and go between the listing and the reading: those that are gone are left out.
  const stats = await Promise.all(pids.map((pid) => readStat(pid, proc).catch(() => undefined)));
  const all = new Map(stats.flatMap((stat) => (stat ? [[stat.pid, stat]] : [])));
  const children = Map.groupBy(all.values(), ({ parent }) => parent);
  const reading = async (root: number): Promise<[number, TreeReading]> => {
    const top = all.get(root);
    if (top === undefined) {
      return [root, { kind: 'failed', reason: `process ${root} is gone`, atMs: nowMs }];
    }
    return [root, await readTree(descendants(top, children), top.startedAt, proc, nowMs)];
  };
  return new Map(await Promise.all([...new Set(roots)].map(reading)));
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** Ticks since the machine started: with the id it says which process it is. */
  readonly startedAt: number;
  /** Its own CPU time and that of its children that have ended. */
  readonly cpuSeconds: number;
}

async function readStat(pid: number, proc: ProcFiles): Promise<Stat | undefined> {
  const text = await proc.read(pid, 'stat');
  // The name is in brackets and may hold brackets and blanks itself: `7 (a) b) S 1 …`.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  const ticks = field(14) + field(15) + field(16) + field(17);
  const stat = { pid, parent: field(4), startedAt: field(22), cpuSeconds: ticks / TICKS_PER_SECOND };
  return Object.values(stat).every(Number.isFinite) ? stat : undefined;
}

function descendants(top: Stat, children: ReadonlyMap<number, readonly Stat[]>): readonly Stat[] {
  const tree = [top];
  for (const stat of tree) tree.push(...(children.get(stat.pid) ?? [])); // reaches those that it adds
  return tree;
}

async function readTree(
  tree: readonly Stat[],
  startedAt: number,
  proc: ProcFiles,
  atMs: number,
): Promise<TreeReading> {
  const files = await Promise.all(
    tree.map(async ({ pid }) => ({
      // One that has ended since has no memory, and its parent gets what it read and wrote.
      status: await proc.read(pid, 'status').catch(() => ''),
      io: await proc.read(pid, 'io').catch((error: unknown) => (isGone(error) ? '' : undefined)),
    })),
  );
  const unreadable = files.some(({ io }) => io === undefined);
  return {
    kind: 'read',
    atMs,
    startedAt,
    cpuSeconds: tree.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    memoryBytes: files.reduce((sum, { status }) => sum + 1_024 * numberAfter('VmRSS:', status), 0),
    disk: unreadable
      ? undefined
      : {
          readBytes: files.reduce((sum, { io }) => sum + numberAfter('read_bytes:', io ?? ''), 0),
          writtenBytes: files.reduce((sum, { io }) => sum + numberAfter('\nwrite_bytes:', io ?? ''), 0),
        },
  };
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}

/** 0 where it isn't said: a process that has ended has no memory. */
function numberAfter(key: string, text: string): number {
  const start = text.indexOf(key);
  return start < 0 ? 0 : Number.parseInt(text.slice(start + key.length), 10);
}
