import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcesses, RunningProgram } from './child-processes.ts';
import { haproxyConfig, type Upstream } from './haproxy-config.ts';
import { localNginxConfig } from './nginx-config.ts';
import { cleanEnvironment, MODEL, type Server, START_MS, source } from './programs.ts';

/**
 * Starts nginx over these servers with a file of the repository, where only the servers and the port are replaced; its
 * processes are the workers.
 */
export async function startNginx(
  processes: ChildProcesses,
  upstreams: readonly Upstream[],
  configFile = 'nginx/nginx.conf',
): Promise<Server> {
  const folder = temporaryFolder('nginx');
  const port = await freePort();
  const config = localNginxConfig(readFileSync(source(configFile), 'utf8'), {
    port,
    servers: upstreams.map(({ djlUrl, weight }) =>
      weight === undefined ? new URL(djlUrl).host : `${new URL(djlUrl).host} weight=${weight}`,
    ),
    folder,
  });
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config);
  const directives = `daemon off; pid ${folder}/nginx.pid; error_log stderr crit;`;
  const running = await processes.start({
    name: 'nginx',
    command: 'nginx',
    args: ['-e', 'stderr', '-p', folder, '-c', file, '-g', directives],
    env: cleanEnvironment(),
    ready: port,
    startTimeoutMs: START_MS,
  });
  return { djlUrl: `http://127.0.0.1:${port}/predictions/${MODEL}`, pids: () => workersOf(running) };
}

/** Starts HAProxy over these servers. */
export async function startHaproxy(
  processes: ChildProcesses,
  upstreams: readonly Upstream[],
): Promise<Server> {
  const folder = temporaryFolder('haproxy');
  const port = await freePort();
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, haproxyConfig(port, upstreams));
  const { pid } = await processes.start({
    name: 'HAProxy',
    command: 'haproxy',
    args: ['-db', '-f', file],
    env: cleanEnvironment(),
    ready: port,
    startTimeoutMs: START_MS,
  });
  return { djlUrl: `http://127.0.0.1:${port}/predictions/${MODEL}`, pids: () => [pid] };
}

/** The version of the nginx that is installed, like `nginx/1.28.0`; `undefined` without one. */
export function nginxVersion(): string | undefined {
  return versionShownBy('nginx -v', /nginx\/\S+/);
}

/** The version of the HAProxy that is installed, like `version 2.6.12`; `undefined` without one. */
export function haproxyVersion(): string | undefined {
  return versionShownBy('haproxy -v', /version [^\s-]+/);
}

function versionShownBy(command: string, pattern: RegExp): string | undefined {
  try {
    // nginx writes to stderr.
    return pattern.exec(execFileSync('sh', ['-c', `${command} 2>&1`], { encoding: 'utf8' }))?.[0];
  } catch {
    return undefined; // not installed
  }
}

function workersOf({ pid }: RunningProgram): readonly number[] {
  if (process.platform !== 'linux') return [pid];
  const workers = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  if (workers === '') throw new Error(`nginx (process ${pid}) has no workers`);
  return workers.split(' ').map(Number);
}

function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `forebay-bench-${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755); // workers of a master that runs as root are another user
  return folder;
}

/** A port that was free a moment ago: these programs can't take one by themselves. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
