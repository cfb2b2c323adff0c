import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RunMotoOptions {
  /** The one that has moto. */
  readonly python: string;
  readonly logFile: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Whether it ends with this process; else it is ended by its number. */
  readonly endsWithUs: boolean;
  /** Says what time it is for all that it makes, in milliseconds since 1970; only for one that ends with us. @default the machine's clock */
  readonly clockFile?: string | undefined;
}

/** A server that answers. */
export interface RunningMoto {
  readonly pid: number;
  readonly url: string;
}

const READY_SECONDS = 60;

/** Ends when its stdin does, which is when whoever started it has gone, however. */
const UNTIL_STDIN_ENDS = `
import datetime, os, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()

# All of moto asks this one function for the time, and takes it from there when it is loaded.
import moto.core.utils
file = os.environ.get('MOTO_CLOCK_FILE')
if file:
    moto.core.utils.utcnow = lambda: datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=int(open(file).read()))

# AWS ends instances of a group one after the other; moto mixes up two calls at a time, and ends a third instance.
from moto.autoscaling.models import AutoScalingBackend
lock, terminate = threading.Lock(), AutoScalingBackend.terminate_instance
def terminate_alone(*args, **named):
    with lock:
        return terminate(*args, **named)
AutoScalingBackend.terminate_instance = terminate_alone

from moto.server import main
main(sys.argv[1:])
`;

/** Starts a server of its own on loopback and waits until it answers. */
export async function runMoto(options: RunMotoOptions): Promise<RunningMoto> {
  const port = options.port === 0 ? await freePort() : options.port;
  const child = launch({ ...options, port });
  const url = `http://127.0.0.1:${port}`;
  let ended = false;
  for (const event of ['exit', 'error']) child.once(event, () => (ended = true));
  for (let i = 0; i < 10 * READY_SECONDS && !ended; i += 1) {
    if (child.pid !== undefined && (await isMoto(url)) && !ended) return { pid: child.pid, url };
    await sleep(100);
  }
  child.kill('SIGKILL');
  const said = readFileSync(options.logFile, 'utf8').trim().split('\n').slice(-5).join('\n');
  throw new Error(`moto did not answer at ${url} within ${READY_SECONDS} s:\n${said}`);
}

/** Ends it by its number and waits until it has gone; kills it after 5 s. */
export async function endMoto(pid: number): Promise<void> {
  for (let i = 0; i < 100; i += 1) {
    try {
      process.kill(pid, i === 0 ? 'SIGTERM' : i === 50 ? 'SIGKILL' : 0);
    } catch {
      return; // there is no such process any more
    }
    await sleep(100);
  }
}

/** Whether a moto server answers there. */
export async function isMoto(url: string): Promise<boolean> {
  try {
    const page = await fetch(`${url}/moto-api/`, { signal: AbortSignal.timeout(5_000) });
    return page.ok && (await page.text()).includes('<title>Moto</title>');
  } catch {
    return false; // nobody answers, or somebody else
  }
}

function launch({ python, logFile, port, endsWithUs, clockFile }: RunMotoOptions): ChildProcess {
  const log = openSync(logFile, 'w', 0o600);
  const where = ['-H', '127.0.0.1', '-p', String(port)];
  const child = spawn(
    python,
    endsWithUs ? ['-c', UNTIL_STDIN_ENDS, ...where] : ['-m', 'moto.server', ...where],
    {
      detached: !endsWithUs,
      stdio: [endsWithUs ? 'pipe' : 'ignore', log, log],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        ...(clockFile !== undefined && { MOTO_CLOCK_FILE: clockFile }),
      },
    },
  );
  closeSync(log);
  child.unref();
  return child;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
