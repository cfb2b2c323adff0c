import { fileURLToPath } from 'node:url';
import type { ChildProcesses } from './child-processes.ts';
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
/** How long any other program may take. */
export const START_MS = 20_000;

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
            ...mergingFlags(plan),
          ],
          env: cleanEnvironment(),
          ready: /^(http:\S+)\n/m,
          startTimeoutMs: START_MS,
        }
      : {
          name: 'the local backend',
          args: [source('packages/local-backend/src/main.ts')],
          // Everything else is inherited: where the model lies, and how to fetch it.
          env: {
            ...process.env,
            HOST: '127.0.0.1',
            PORT: '0',
            MAX_WORKERS: '1',
            GROUP_BY_LENGTH: plan.pads === true ? 'off' : 'on',
          },
          // One line goes to stdout and one to stderr, so either can come first.
          ready: /^(?=[\s\S]*ready with)[\s\S]*"url":"(http:[^"]+)"/,
          startTimeoutMs: LOCAL_START_MS,
        };
  const { pid, announced } = await processes.start({ ...program, command: process.execPath });
  return { djlUrl: announced, pids: () => [pid] };
}

function mergingFlags({ merging }: Extract<BackendPlan, { kind: 'simulated' }>): readonly string[] {
  if (merging === undefined) return [];
  const { batchSize, maxBatchDelayMs } = merging;
  return ['--batch-size', String(batchSize), '--max-batch-delay-ms', String(maxBatchDelayMs)];
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

/** The path of a file of the repository. */
export function source(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

/** Settings of whoever runs the benchmark must not change what is measured. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) };
}
