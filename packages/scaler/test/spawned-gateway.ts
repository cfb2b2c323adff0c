import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The real gateway as a process of its own; killed with the test's block. */
export interface SpawnedGateway extends AsyncDisposable {
  readonly url: string;
}

const PROGRAM = fileURLToPath(new URL('../../gateway/src/main.ts', import.meta.url));

/** Resolves when it listens, on a free port; rejects when it ends before. Only these variables, and what a process needs to run. */
export async function spawnGateway(env: Readonly<Record<string, string>>): Promise<SpawnedGateway> {
  const child = spawn(process.execPath, [PROGRAM], {
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const ended = once(child, 'close');
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part: Buffer) => {
        said += part;
        const found = /listens on (https?:\/\/\S+)/.exec(said)?.[1];
        if (found) resolve(found);
      });
    }
    void ended.then(() => reject(new Error(`the gateway ended: ${said}`)));
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
