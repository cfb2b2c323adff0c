import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ScalerError } from '../errors.ts';
import { MIGRATIONS } from './migrations.ts';

/** Longest wait for another process's write. */
const BUSY_TIMEOUT_MS = 5_000;

/** Says in the file's header whose it is ("fore" in ASCII), so that another program's database isn't written into. */
const APPLICATION_ID = 0x66_6f_72_65;

/**
 * Opens the file, made with mode 0600 in a folder made with 0700 where they don't exist, at this program's version.
 *
 * @throws what node:sqlite throws, or a `ScalerError` for a database that isn't ours or is of a newer version
 */
export function openDatabase(path: string): DatabaseSync {
  if (path !== ':memory:') createPrivately(path);
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    // FULL, since an intent that a power cut takes back would leave a replica that nobody knows of.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Runs `act` in one transaction that has the file's write lock from its start. */
export function inTransaction<Result>(database: DatabaseSync, act: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = act();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite itself has ended it after some errors, such as a full disk.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // SQLite gives the files that it puts beside this one the same mode.
  closeSync(openSync(path, 'a', 0o600));
}

function migrate(database: DatabaseSync): void {
  if (pragma(database, 'user_version') === MIGRATIONS.length && isOurs(database)) return;
  inTransaction(database, () => {
    const version = pragma(database, 'user_version');
    if (!isOurs(database) && !isEmpty(database)) {
      throw new ScalerError('SCALER_STORE', 'it is a database of another program');
    }
    if (version > MIGRATIONS.length) {
      throw new ScalerError(
        'SCALER_STORE',
        `it is of version ${version}, this program knows those up to ${MIGRATIONS.length}: run a newer one`,
      );
    }
    for (const step of MIGRATIONS.slice(version)) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length};`);
  });
}

function isOurs(database: DatabaseSync): boolean {
  return pragma(database, 'application_id') === APPLICATION_ID;
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
