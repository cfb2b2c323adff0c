import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildProcesses, RunningProgram } from './child-processes.ts';
import { localNginxConfig } from './nginx-config.ts';
import type { BackendPlan } from './scenarios.ts';

/** What the model is called, on every target. */
export const MODEL = 'all-MiniLM-L6-v2';

/** A server that answers at `djlUrl`, and the processes that do its work. */
export interface Server {
  readonly djlUrl: string;
  /** Those that there are now: nginx opens its port before it starts its workers. */
  readonly pids: () => readonly number[];
}

/** Loading the real model takes seconds, fetching it for the first time minutes. */
const LOCAL_START_MS = 300_000;
const START_MS = 20_000;

/** Starts one model server. */
export async function startBackend(processes: ChildProcesses, plan: BackendPlan): Promise<Server> {
  const program =
    plan.kind === 'simulated'
      ? {
          name: 'the simulated backend',
          args: [
            source('packages/testing/src/main.ts'),
            '--a-ms',
            String(plan.aMs),
            '--b-ms',
            String(plan.bMs),
          ],
          env: cleanEnvironment(),
          ready: /^(http:\S+)\n/m,
          startTimeoutMs: START_MS,
        }
      : {
          name: 'the local backend',
          args: [source('packages/local-backend/src/main.ts')],
          // Everything else is inherited: where the model lies, and how to fetch it.
          env: { ...process.env, HOST: '127.0.0.1', PORT: '0', MAX_WORKERS: '1' },
          // One line goes to stdout and one to stderr, so either can come first.
          ready: /^(?=[\s\S]*ready with)[\s\S]*"url":"(http:[^"]+)"/,
          startTimeoutMs: LOCAL_START_MS,
        };
  const { pid, announced } = await processes.start({ ...program, command: process.execPath });
  return { djlUrl: announced, pids: () => [pid] };
}

/** Starts the gateway over these backends. */
export async function startGateway(
  processes: ChildProcesses,
  backends: readonly { readonly djlUrl: string; readonly plan: BackendPlan }[],
): Promise<Server> {
  const urls = backends.map(({ djlUrl, plan }) => `${djlUrl};class=${plan.class}`).join(',');
  const { pid, announced } = await processes.start({
    name: 'the gateway',
    command: process.execPath,
    args: [source('packages/gateway/src/main.ts')],
    env: { ...cleanEnvironment(), DJL_URLS: urls, PORT: '0', LOG_LEVEL: 'warn' },
    ready: /listens on (http:\S+)[\s\S]*ready:/,
    startTimeoutMs: START_MS,
  });
  return { djlUrl: `${announced}/predictions/${MODEL}`, pids: () => [pid] };
}

/** Starts nginx over these backends with the repository's `nginx/nginx.conf`; its processes are the workers. */
export async function startNginx(
  processes: ChildProcesses,
  backends: readonly { readonly djlUrl: string }[],
): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'forebay-bench-nginx-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755); // workers of a master that runs as root are another user
  const port = await freePort();
  const servers = backends.map(({ djlUrl }) => new URL(djlUrl).host);
  const config = localNginxConfig(readFileSync(source('nginx/nginx.conf'), 'utf8'), {
    port,
    servers,
    folder,
  });
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config);
  const directives = `daemon off; pid ${folder}/nginx.pid; error_log stderr warn;`;
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

/** The version of the nginx that is installed, like `nginx/1.28.0`; `undefined` without one. */
export function nginxVersion(): string | undefined {
  try {
    // It writes to stderr.
    const shown = execFileSync('sh', ['-c', 'nginx -v 2>&1'], { encoding: 'utf8' });
    return /nginx\/\S+/.exec(shown)?.[0];
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

/** A port that was free a moment ago: nginx can't take one by itself. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

function source(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

/** Settings of whoever runs the benchmark must not change what is measured. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) };
}
