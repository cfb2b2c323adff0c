import type { ProcFiles } from './proc-files.ts';

export interface CannedProcess {
  readonly parent: number;
  readonly name?: string;
  readonly startedAt?: number;
  /** utime, stime, cutime, cstime. */
  readonly ticks?: readonly [number, number, number, number];
  readonly residentKib?: number;
  /** An error code instead: `EACCES`. */
  readonly io?: { readonly read: number; readonly written: number } | string;
}

/** A `/proc` of processes by id. */
export function cannedProc(processes: Readonly<Record<number, CannedProcess>>): ProcFiles {
  return {
    pids: async () => Object.keys(processes).map(Number),
    async read(pid, file) {
      const one = processes[pid];
      if (one === undefined) throw Object.assign(new Error(`no process ${pid}`), { code: 'ENOENT' });
      const { parent, name = 'node', startedAt = 100, ticks = [0, 0, 0, 0], residentKib = 0 } = one;
      const { io = { read: 0, written: 0 } } = one;
      switch (file) {
        case 'stat':
          return `${pid} (${name}) S ${parent} 1 1 0 -1 0 1 2 3 4 ${ticks.join(' ')} 20 0 1 0 ${startedAt} 0 0\n`;
        case 'status':
          return `Name:\t${name}\nVmHWM:\t  999999 kB\nVmRSS:\t  ${residentKib} kB\nThreads:\t1\n`;
        case 'io':
          if (typeof io === 'string') throw Object.assign(new Error(io), { code: io });
          return `rchar: 7\nwchar: 7\nsyscr: 7\nsyscw: 7\nread_bytes: ${io.read}\nwrite_bytes: ${io.written}\ncancelled_write_bytes: 7\n`;
      }
    },
  };
}
