import { spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { rigFolder } from '../rig-folder.ts';
import { mountsUnder, processesOf } from './left-overs.ts';
import { run } from './run.ts';

/** Everything of the engine lies here, its socket too. */
export function enginePaths(): {
  readonly folder: string;
  readonly socket: string;
  readonly pidFile: string;
  readonly log: string;
} {
  const folder = rigFolder('swarm');
  const at = (name: string) => join(folder, name);
  return { folder, socket: at('docker.sock'), pidFile: at('docker.pid'), log: at('dockerd.log') };
}

/** What the docker command line needs: our socket, and a home that isn't the user's. */
export function engineEnv(): Readonly<Record<string, string>> {
  return { DOCKER_HOST: `unix://${enginePaths().socket}` };
}

/** Runs the docker command line against our engine. */
export function docker(args: readonly string[], timeoutMs?: number): Promise<string> {
  const { folder } = enginePaths();
  const env = { PATH: process.env.PATH, HOME: folder, ...engineEnv() };
  return run('docker', args, { env, ...(timeoutMs !== undefined && { timeoutMs }) });
}

/** Whether our dockerd lives and answers. */
export async function engineAnswers(): Promise<boolean> {
  return (
    enginePid() !== undefined &&
    docker(['version'], 5_000).then(
      () => true,
      () => false,
    )
  );
}

/** Starts dockerd without a network of its own: no iptables, no bridge. Containers use the machine's network. */
export async function startEngine(): Promise<void> {
  const { folder, socket, pidFile, log } = enginePaths();
  await writeFile(join(folder, OWN), OUTSIDE.filter((path) => !existsSync(path)).join('\n'));
  const output = openSync(log, 'a');
  const flags = ['iptables', 'ip6tables', 'ip-forward', 'ip-masq'].map((flag) => `--${flag}=false`);
  const places = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')];
  const own = ['--pidfile', pidFile, '-H', `unix://${socket}`, '--storage-driver=vfs', '--bridge=none'];
  const child = spawn('/usr/sbin/dockerd', [...flags, ...own, ...places], {
    detached: true,
    stdio: ['ignore', output, output],
    env: { PATH: process.env.PATH, HOME: folder },
  });
  child.unref();
  await waitFor(engineAnswers, 30_000, () => `dockerd does not answer: ${lastLines(log)}`);
}

/** Ends dockerd, its containers and all that they left on this machine. */
export async function endEngine(): Promise<void> {
  const { folder } = enginePaths();
  const pid = enginePid();
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM');
    await waitFor(
      async () => enginePid() === undefined,
      30_000,
      () => `dockerd ${pid} does not end`,
    );
  }
  // Shims outlive a daemon that was killed; their command line names our folder.
  for (const each of processesOf(folder)) process.kill(each, 'SIGKILL');
  await waitFor(
    async () => processesOf(folder).length === 0,
    10_000,
    () => `processes of ${folder} don't end`,
  );
  for (const mount of mountsUnder(folder)) await run('umount', ['-l', mount]);
  const own = join(folder, OWN);
  const ours = existsSync(own) ? readFileSync(own, 'utf8').split('\n') : [];
  for (const path of ours.filter((each) => existsSync(each))) {
    if (path === GATEWAY_BRIDGE) await run('ip', ['link', 'delete', basename(path)]);
    else if (path.startsWith(CGROUPS)) await rmdir(path);
    else await rm(path, { recursive: true });
  }
  await rm(folder, { recursive: true, force: true });
}

/** The bridge that joining a Swarm makes. */
const GATEWAY_BRIDGE = '/sys/class/net/docker_gwbridge';

const CGROUPS = '/sys/fs/cgroup';

/** What dockerd makes outside of its folder, whatever its flags: one group of processes for each controller, or one for all. */
export const OUTSIDE: readonly string[] = [
  GATEWAY_BRIDGE,
  '/run/docker',
  '/etc/docker',
  ...[CGROUPS, ...controllers()].map((path) => join(path, 'docker')),
];

function controllers(): readonly string[] {
  if (!existsSync(CGROUPS)) return [];
  const entries = readdirSync(CGROUPS, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(CGROUPS, name));
}

/** A file with those of them that weren't there before us. */
const OWN = 'own-outside';

/** Of our dockerd, if it lives: a number in a file may by now be somebody else's. */
function enginePid(): number | undefined {
  const { folder, pidFile } = enginePaths();
  if (!existsSync(pidFile)) return undefined;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  return processesOf(folder).includes(pid) ? pid : undefined;
}

function lastLines(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(-6).join('\n') : 'it said nothing';
}

/** Looks until it is so. */
export async function waitFor(
  holds: () => Promise<boolean>,
  limitMs: number,
  complaint: () => string,
): Promise<void> {
  for (const untilMs = Date.now() + limitMs; !(await holds()); ) {
    if (Date.now() > untilMs) throw new Error(`${complaint()} (after ${limitMs / 1_000} s)`);
    await sleepFor(100);
  }
}
