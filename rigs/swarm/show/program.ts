import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A program of this repository that is up. */
export interface Program {
  /** All that it printed so far. */
  text(): string;
  /** Asks it to end; killed when it doesn't. Resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** The root of the repository. */
export const REPOSITORY: string = fileURLToPath(new URL('../../..', import.meta.url));

const START_MS = 60_000;
const STOP_MS = 30_000;

/** Resolves once what it printed matches `ready`. Its environment is `env` alone. */
export async function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: RegExp,
  limitMs = START_MS,
): Promise<Program> {
  const child = spawn(process.execPath, args, {
    cwd: REPOSITORY,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  const closed = once(child, 'close');
  for (const untilMs = Date.now() + limitMs; !ready.test(text); ) {
    if (child.exitCode !== null || Date.now() > untilMs) {
      child.kill('SIGKILL');
      throw new Error(`${args[0]} did not come up: ${text}`);
    }
    await sleepFor(50);
  }
  return {
    text: () => text,
    async stop() {
      child.kill('SIGTERM');
      const late = new AbortController();
      const killed = sleepFor(STOP_MS, undefined, { signal: late.signal }).then(
        () => child.kill('SIGKILL'),
        () => false,
      );
      const [code] = await closed;
      late.abort();
      await killed;
      return code;
    },
  };
}
