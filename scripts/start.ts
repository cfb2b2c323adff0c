// `pnpm start`: the gateway with its local backends. `pnpm start --scale`: the gateway, and the scaler that starts and ends local
// backends as they are needed. Other arguments are the gateway's.
import { mkdirSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ScaleError, stateFolderOf } from './start/scaled-environments.ts';
import { startScaled } from './start/start-scaled.ts';

const args = process.argv.slice(2);

if (args.includes('--scale')) process.exit(await scaled());
else await import('@forebay/gateway/main');

async function scaled(): Promise<number> {
  process.stdout.on('error', () => undefined); // a reader that left is no reason to end
  const passedOn = args.filter((arg) => arg !== '--scale' && arg !== '--');
  const stateFolder = stateFolderOf(process.env, homedir());
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  try {
    return await startScaled({
      gateway: [process.execPath, programOf('@forebay/gateway/main'), ...passedOn],
      scaler: [process.execPath, programOf('@forebay/scaler/main')],
      env: process.env,
      cores: availableParallelism(),
      stateFolder,
      out: (text) => void process.stdout.write(text),
      signals: process,
      sleep: (delayMs, signal) => sleepFor(delayMs, undefined, { signal }).catch(() => undefined),
      answers: (url) =>
        fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
          ({ status }) => status === 200,
          () => false, // it doesn't listen yet
        ),
    });
  } catch (error) {
    if (!(error instanceof ScaleError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

function programOf(name: string): string {
  return fileURLToPath(import.meta.resolve(name));
}
