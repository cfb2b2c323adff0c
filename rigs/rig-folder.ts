import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where a rig keeps its processes' numbers, logs and data, for this user only; what it installs lies beside it and stays. */
export function rigFolder(rig: string): string {
  const folder = join(
    process.env.FOREBAY_RIGS ?? join(tmpdir(), `forebay-rigs-${process.getuid?.() ?? 'user'}`),
    rig,
  );
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
