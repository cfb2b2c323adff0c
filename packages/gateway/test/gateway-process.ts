import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ProcessEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `forebay-gateway` as a process of its own; killed with the test's block if it still runs. */
export interface GatewayProcess extends AsyncDisposable {
  /** Resolves with the URL that it announces; rejects when it ends before. */
  readonly url: Promise<string>;
  readonly ended: Promise<ProcessEnd>;
  readonly child: ChildProcess;
  /** What it has said so far. */
  stdout(): string;
  stderr(): string;
}

const PROGRAM = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Only these variables, and what a process needs to run; `nodeArgs` stand before the program. */
export function spawnGateway(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  nodeArgs: readonly string[] = [],
  channel: 'ipc' | 'ignore' = 'ignore',
): GatewayProcess {
  const child = spawn(process.execPath, [...nodeArgs, PROGRAM, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', channel],
  });
  let stdout = '';
  let stderr = '';
  child.stderr?.on('data', (part: Buffer) => {
    stderr += part;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }));
  const url = new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (part: Buffer) => {
      stdout += part;
      const found = /listens on (https?:\/\/\S+)/.exec(stdout)?.[1];
      if (found) resolve(found);
    });
    void ended.then(({ code }) => reject(new Error(`it ended with ${code}: ${stderr}`)));
  });
  url.catch(() => undefined); // whoever doesn't wait for it looks at `ended`
  return {
    url,
    ended,
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      // Node says nothing of the end of a child whose channel we have closed.
      if (channel === 'ignore') await ended;
    },
  };
}
