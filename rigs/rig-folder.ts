import { accessSync, constants, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where a rig keeps its processes' numbers, logs and data, for this user only; what it installs lies beside it and stays. */
export function rigFolder(rig: string): string {
  const folder = join(rigsFolder(), rig);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Why a rig can't have its folder here; undefined where it can. */
export function rigFolderFault(rig: string): string | undefined {
  try {
    accessSync(rigFolder(rig), constants.W_OK | constants.X_OK);
    return foreignFault();
  } catch (error) {
    return `its folder can't be written to, set FOREBAY_RIGS to another: ${(error as Error).message}`; // of node:fs
  }
}

/** Programs of the folder are run, and anybody can guess the name of the default one and make it before us. */
function foreignFault(): string | undefined {
  const us = process.getuid?.();
  if (process.env.FOREBAY_RIGS || us === undefined) return undefined;
  const folder = rigsFolder();
  const { uid, mode } = lstatSync(folder);
  if (uid === us && (mode & 0o022) === 0) return undefined;
  return `${folder} is of user ${uid} with mode ${(mode & 0o777).toString(8)}, so others may put programs there: remove it, or set FOREBAY_RIGS`;
}

function rigsFolder(): string {
  return resolve(process.env.FOREBAY_RIGS || join(tmpdir(), `forebay-rigs-${process.getuid?.() ?? 'user'}`));
}
