import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** What a rig remembers of the process that it has started, in a file. */
export interface RunningRecord<Running> {
  read(): Running | undefined;
  /** False where there is one already, as of another who started it at the same time. */
  claim(running: Running): boolean;
  forget(): void;
}

/** A record in the file at `path`, which nobody else writes. */
export function runningRecord<Running>(path: string): RunningRecord<Running> {
  return {
    read() {
      try {
        return JSON.parse(readFileSync(path, 'utf8')) as Running; // we wrote it
      } catch {
        return undefined; // nothing was started
      }
    },
    claim(running) {
      try {
        writeFileSync(path, JSON.stringify(running), { flag: 'wx' });
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      }
    },
    forget: () => rmSync(path, { force: true }),
  };
}
