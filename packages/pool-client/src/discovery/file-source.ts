import { readFile, stat } from 'node:fs/promises';
import type { BackendSource, SourceDependencies } from './backend-source.ts';
import { parseListedBackends } from './parse-listed-backends.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';

/** How a list's file is looked at. */
export interface ListFile {
  /** A text that is another one after each change of the content; rejects when there is no file. */
  stamp(path: string): Promise<string>;
  read(path: string): Promise<string>;
}

const INTERVAL_MS = 1_000;

/**
 * `BACKENDS_FILE`: looked at every second and read when it has changed. Looking beats watching: it sees a file that is
 * renamed into place, mounted, or on a network disk. After bad content it is read again each second, as it may have
 * been half written.
 */
export function fileSource(
  path: string,
  dependencies: SourceDependencies,
  file: ListFile = diskFile,
): BackendSource {
  return {
    name: `file ${path}`,
    async run(report, signal) {
      await using keeper = new SnapshotKeeper(dependencies, report);
      let lastStamp: string | undefined;
      while (!signal.aborted) {
        lastStamp = await look(path, file, keeper, lastStamp);
        await dependencies.clock.sleep(INTERVAL_MS, signal);
      }
    },
  };
}

/** Reads the file if it has changed since `lastStamp`; returns the stamp of what is listed now. */
async function look(path: string, file: ListFile, keeper: SnapshotKeeper, lastStamp: string | undefined) {
  try {
    // Stamped before it is read: a write in between shows as another stamp next time.
    const stamp = await file.stamp(path);
    if (stamp === lastStamp) return stamp;
    const parsed = parseListedBackends(await file.read(path));
    if (parsed.kind === 'list') {
      keeper.list(parsed.targets, { tenants: parsed.tenants });
      return stamp;
    }
    keeper.fail(`${path}: ${parsed.problem}`);
  } catch (error) {
    keeper.fail(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return undefined;
}

/** The machine's disk; a file that is renamed into place has another inode. */
export const diskFile: ListFile = {
  async stamp(path) {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  },
  read: (path) => readFile(path, 'utf8'),
};
