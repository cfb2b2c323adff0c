import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import type { Installed } from '../rig.ts';
import { rigFolderFault } from '../rig-folder.ts';
import { run } from './run.ts';

const DOCKERD = '/usr/sbin/dockerd';

/** While it is there and says 101, Debian's packages start no services. */
const POLICY = '/usr/sbin/policy-rc.d';

/** Installs Debian's docker.io where it is missing: root, Linux and apt only. Starts nothing. */
export async function installEngine(): Promise<Installed> {
  if (process.platform !== 'linux') return unavailable(`a Swarm runs on Linux, this is ${process.platform}`);
  if (process.getuid?.() !== 0) return unavailable('dockerd wants root, and this is another user');
  const fault = rigFolderFault('swarm');
  if (fault !== undefined) return unavailable(fault);
  if (existsSync(DOCKERD)) return { kind: 'installed' };
  if (!existsSync('/usr/bin/apt-get')) return unavailable(`there is no ${DOCKERD}, and no apt-get to get it`);
  const ownPolicy = !existsSync(POLICY);
  if (ownPolicy) await writeFile(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const lock = ['-o', 'DPkg::Lock::Timeout=300'];
  try {
    await run('apt-get', [...lock, 'update', '-q'], { env, timeoutMs: 300_000 });
    const packages = ['install', '-q', '-y', '--no-install-recommends', 'docker.io'];
    await run('apt-get', [...lock, ...packages], { env, timeoutMs: 600_000 });
  } catch (error) {
    return unavailable(`docker.io could not be installed: ${error instanceof Error ? error.message : error}`);
  } finally {
    if (ownPolicy) await rm(POLICY, { force: true });
  }
  return existsSync(DOCKERD) ? { kind: 'installed' } : unavailable(`docker.io brought no ${DOCKERD}`);
}

function unavailable(because: string): Installed {
  return { kind: 'unavailable', because };
}
