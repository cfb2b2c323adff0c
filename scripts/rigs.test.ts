import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const RIGS = fileURLToPath(new URL('../rigs/main.ts', import.meta.url));
const NAMES = ['kubernetes', 'moto', 'prometheus', 'swarm'];

/** `pnpm rig NAME install`; 3 says that it can't be had here. */
function install(name: string, env: Readonly<Record<string, string>>) {
  const { status, stdout } = spawnSync(process.execPath, [RIGS, name, 'install'], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  return { status, stdout };
}

describe('a rig', () => {
  const dir = mkdtempSync(join(tmpdir(), 'forebay-rigs-test-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it.each(NAMES)('%s can not be had where its folder can not be made, and says so', (name) => {
    const file = join(dir, 'file');
    writeFileSync(file, '');
    expect(install(name, { FOREBAY_RIGS: join(file, 'rigs') })).toEqual({
      status: 3,
      stdout: expect.stringMatching(/can't be had here: .*FOREBAY_RIGS/) as string,
    });
  });

  it.each(NAMES)('%s takes no default folder that others may write to', (name) => {
    const theirs = join(dir, `forebay-rigs-${process.getuid?.()}`);
    mkdirSync(theirs, { recursive: true });
    chmodSync(theirs, 0o777);
    expect(install(name, { TMPDIR: dir })).toEqual({
      status: 3,
      stdout: expect.stringMatching(/can't be had here: .*others may put programs there/) as string,
    });
  });
});
