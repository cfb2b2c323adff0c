// `pnpm start`: the gateway with its local backends. `pnpm start --scale`: the gateway, and the scaler that starts and ends local
// backends as they are needed; `--scaler-config FILE` is the scaler's `--config FILE`. Other arguments are the gateway's.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readStartArguments, type StartArguments } from './start/scale-arguments.ts';
import { ScaleError, stateFolderOf, withListToken } from './start/scaled-environments.ts';
import { readScalerFile } from './start/scaler-file.ts';
import { startScaled } from './start/start-scaled.ts';

process.exitCode = await start();

async function start(): Promise<number | undefined> {
  try {
    const args = readStartArguments(process.argv.slice(2));
    if (args.scale) return process.exit(await scaled(args));
  } catch (error) {
    if (!(error instanceof ScaleError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  await import('@forebay/gateway/main');
  return undefined;
}

async function scaled({ scalerConfig, passedOn }: StartArguments): Promise<number> {
  process.stdout.on('error', () => undefined); // a reader that left is no reason to end
  const scaler = [process.execPath, programOf('@forebay/scaler/main')] as const;
  const configured = scalerConfig === undefined ? [] : ['--config', scalerConfig];
  if (scalerConfig !== undefined) {
    const status = checkConfig([...scaler, ...configured]);
    if (status !== 0) return status;
  }
  const file =
    scalerConfig === undefined ? undefined : readScalerFile(scalerConfig, readFileSync(scalerConfig, 'utf8'));
  const given = Object.entries(process.env).filter(([, value]) => value !== '');
  const stateFolder = stateFolderOf(process.env, homedir());
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  return await startScaled({
    gateway: [process.execPath, programOf('@forebay/gateway/main'), ...passedOn],
    scaler: [...scaler, ...configured],
    env: withListToken(
      { ...file?.environment, ...Object.fromEntries(given) },
      file?.hasAdminKey ?? false,
      randomUUID(),
    ),
    scalerConfig,
    groupsInFile: file?.hasGroups ?? false,
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
}

/** What is wrong with the scaler's file is said before anything is started. */
function checkConfig([program, ...args]: readonly [string, ...string[]]): number {
  const { HOST: _host, PORT: _port, ...env } = process.env; // the gateway's
  const { status } = spawnSync(program, [...args, '--check-config'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status ?? 1;
}

function programOf(name: string): string {
  return fileURLToPath(import.meta.resolve(name));
}
