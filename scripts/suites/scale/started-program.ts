import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** `pnpm start --scale` as its users have it, in a process of its own. */
export interface StartedProgram {
  readonly gatewayUrl: string;
  readonly scalerUrl: string;
  /** Everything that it printed so far. */
  text(): string;
  /** Process ids of the replicas that it launched so far, in order. */
  replicaPids(): readonly number[];
  /** Asks it to end and resolves with its exit code. */
  stop(): Promise<number | null>;
  /** For when a test failed: ends it however it is. */
  kill(): Promise<void>;
}

const START = fileURLToPath(new URL('../../start.ts', import.meta.url));

/** Settings of whoever runs the tests that would make it another program. */
const FOREIGN =
  /^(HOST|SCALER_|MIN_INSTANCES|MAX_INSTANCES|INITIAL_INSTANCES|GATEWAY_URL|BACKENDS_|DJL_|LOG_LEVEL|FOREBAY_API|FOREBAY_ADMIN)/;

/** Resolves when the scaler has looked around for the first time. */
export async function startProgram(scalerConfig: string, stateFolder: string): Promise<StartedProgram> {
  const [port, scalerPort] = [await freePort(), await freePort()];
  const own = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  const child = spawn(process.execPath, [START, '--scale', '--scaler-config', scalerConfig], {
    env: {
      ...Object.fromEntries(own),
      PORT: String(port),
      SCALER_PORT: String(scalerPort),
      XDG_STATE_HOME: stateFolder,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  const closed = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    const [code] = await closed;
    return code;
  };
  while (!text.includes('local backends as ')) {
    if (child.exitCode !== null) throw new Error(`pnpm start --scale ended: ${text}`);
    await sleepFor(50);
  }
  return {
    gatewayUrl: `http://127.0.0.1:${port}`,
    scalerUrl: `http://127.0.0.1:${scalerPort}`,
    text: () => text,
    replicaPids: () => [...text.matchAll(/"pid":(\d+),"logFile"/g)].map(([, pid]) => Number(pid)),
    stop,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      // The scaler ends its replicas when it is gone.
      const late = sleepFor(30_000).then(() => child.kill('SIGKILL'));
      await Promise.race([stop(), late]);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  server.close();
  await once(server, 'close');
  return port;
}
