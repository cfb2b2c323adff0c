/** What `/proc/PID/stat` says. */
export interface ProcessStat {
  /** No zombie, and no thread of the kernel's own. */
  readonly living: boolean;
  readonly parentPid: number;
  /** When it began, in clock ticks after the machine did. */
  readonly startTicks: number;
}

/** `PF_KTHREAD` of Linux. */
const KERNEL_THREAD = 0x0020_0000;

/** Reads one line; undefined when it is none. A program's name may hold blanks and brackets. */
export function parseStat(line: string): ProcessStat | undefined {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state, parentPid, , , , , flags] = fields;
  const startTicks = Number(fields[19]);
  if (state === undefined || parentPid === undefined || !Number.isFinite(startTicks)) return undefined;
  const living = state !== 'Z' && state !== 'X' && (Number(flags) & KERNEL_THREAD) === 0;
  return { living, parentPid: Number(parentPid), startTicks };
}
