import { execFile } from 'node:child_process';
import { type ProcessTable, type TableEntry, VARIABLE_PREFIX } from './process-table.ts';

/** Runs `ps` with these arguments and resolves with what it printed, `''` when no process matched. */
export type RunPs = (args: readonly string[], signal?: AbortSignal) => Promise<string>;

/** Asks `ps`, where there is no `/proc` (macOS, the BSDs); costs a process each time. */
export function psProcessTable(uid: number, run: RunPs = runPs): ProcessTable {
  return {
    async read(signal) {
      return parsePs(await run(['-U', String(uid), ...COLUMNS], signal));
    },
    async find(pid) {
      return parsePs(await run(['-p', String(pid), ...COLUMNS]))[0];
    },
  };
}

const COLUMNS = ['-ww', '-E', '-o', 'pid=,ppid=,stat=,lstart=,command='];

/** Reads what `ps` printed; the environment stands after the arguments, so values must hold no blanks. */
export function parsePs(text: string): readonly TableEntry[] {
  return text.split('\n').flatMap((line): TableEntry[] => {
    const found = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+ \S+ +\d+ [\d:]+ \d+)\s(.*)$/.exec(line);
    if (!found) return [];
    const [, pid, parentPid, state, started, command] = found;
    const pairs = (command ?? '').split(' ').flatMap((word): [string, string][] => {
      const at = word.indexOf('=');
      return word.startsWith(VARIABLE_PREFIX) && at > 0 ? [[word.slice(0, at), word.slice(at + 1)]] : [];
    });
    if (pairs.length === 0 || state?.startsWith('Z')) return [];
    return [
      {
        pid: Number(pid),
        parentPid: Number(parentPid),
        startedAt: Date.parse(started ?? ''),
        variables: Object.fromEntries(pairs),
      },
    ];
  });
}

const runPs: RunPs = (args, signal) =>
  new Promise((resolve, reject) => {
    const options = { env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' }, maxBuffer: 64 * 1024 * 1024, signal };
    execFile('ps', [...args], options, (error, stdout) => {
      // Status 1 says that no process matched.
      if (error && error.code !== 1) reject(error);
      else resolve(stdout);
    });
  });
