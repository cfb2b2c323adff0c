/** CPU time of the whole machine since it started, in one unit for all three. */
export interface MachineTimes {
  /** Spent working, for whomever; without what the hypervisor took. */
  readonly busy: number;
  /** Taken by the hypervisor for other machines while this one had work. */
  readonly steal: number;
  /** All there was: busy, idle and stolen, over all CPUs. */
  readonly total: number;
}

/** Reads the text of `/proc/stat`, in clock ticks. Throws a `SyntaxError` when its first line is not the sum over all CPUs. */
export function parseMachineTicks(text: string): MachineTimes {
  const fields = /^cpu +(\d[\d ]*)$/m.exec(text)?.[1]?.trim().split(/ +/).map(Number);
  if (fields === undefined || fields.length < 8) throw new SyntaxError('/proc/stat has no line for all CPUs');
  // guest and guest_nice, the two that follow, are counted in user and nice already.
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = fields;
  const busy = user + nice + system + irq + softirq;
  return { busy, steal, total: busy + idle + iowait + steal };
}

/** Clock ticks that one process has worked, its threads included: utime + stime of the text of `/proc/PID/stat`. */
export function parseProcessTicks(text: string): number {
  // The name of the program, in brackets, may hold blanks and brackets itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (Number.isNaN(ticks)) throw new SyntaxError('not the text of a /proc/PID/stat');
  return ticks;
}
