import { readdir, readFile } from 'node:fs/promises';

/** Linux' `/proc`, as far as usage is read from it. */
export interface ProcFiles {
  /** Ids of all processes; rejects where there is no `/proc`. */
  pids(): Promise<readonly number[]>;
  /** One file of a process; rejects when the process is gone or is not ours to look at. */
  read(pid: number, file: 'stat' | 'status' | 'io'): Promise<string>;
}

/** The machine's own. */
export const systemProcFiles: ProcFiles = {
  pids: async () => (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number),
  read: (pid, file) => readFile(`/proc/${pid}/${file}`, 'utf8'),
};
