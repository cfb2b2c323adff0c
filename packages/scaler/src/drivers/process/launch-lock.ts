import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../clock.ts';

/** Runs one task at a time, among all drivers of a pool on this machine. */
export type Lock = <T>(task: () => Promise<T>, signal: AbortSignal) => Promise<T>;

const RETRY_MS = 20;

/** SQLite's code for a file that somebody else has locked. */
const SQLITE_BUSY = 5;

/**
 * A lock that the system takes from a process that dies, however it dies: SQLite's on an empty file. Two scalers may overlap while the
 * lease goes from one to the other, and looking for a replica and launching it must be one step.
 */
export function launchLock(path: string, clock: Clock): Lock {
  return async (task, signal) => {
    const file = new DatabaseSync(path);
    try {
      while (!tryLock(file)) {
        await clock.sleep(RETRY_MS, signal);
        signal.throwIfAborted();
      }
      return await task();
    } finally {
      file.close();
    }
  };
}

function tryLock(file: DatabaseSync): boolean {
  try {
    file.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { readonly errcode?: number }).errcode === SQLITE_BUSY) return false; // as node:sqlite says it
    throw error;
  }
}
