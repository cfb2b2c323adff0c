import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RunOptions {
  /** The program. */
  readonly prometheus: string;
  readonly configFile: string;
  /** For its data and its log; made anew. */
  readonly folder: string;
}

/** A Prometheus that answers. */
export interface RunningPrometheus {
  readonly pid: number;
  readonly url: string;
}

const READY_SECONDS = 30;

/** Starts a Prometheus of its own on a free port of loopback and waits until it answers. It outlives this process: end it by its number. */
export async function runPrometheus({
  prometheus,
  configFile,
  folder,
}: RunOptions): Promise<RunningPrometheus> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const logFile = join(folder, 'log');
  const log = openSync(logFile, 'w');
  const child = spawn(
    prometheus,
    [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=1h',
      '--web.listen-address=127.0.0.1:0',
    ],
    { detached: true, stdio: ['ignore', log, log], env: { PATH: process.env.PATH, HOME: folder } },
  );
  closeSync(log);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  child.unref();
  for (let i = 0; i < 10 * READY_SECONDS && !ended; i += 1) {
    const port = /msg="Listening on" address=127\.0\.0\.1:(\d+)/.exec(readFileSync(logFile, 'utf8'))?.[1];
    const url = `http://127.0.0.1:${port}`;
    if (port !== undefined && child.pid !== undefined && (await isReady(url))) return { pid: child.pid, url };
    await sleep(100);
  }
  child.kill('SIGKILL');
  const said = readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n');
  throw new Error(`Prometheus did not become ready within ${READY_SECONDS} s:\n${said}`);
}

/** Ends it by its number and waits until it has gone; kills it after 10 s. */
export async function endPrometheus(pid: number): Promise<void> {
  for (let i = 0; i < 150; i += 1) {
    try {
      process.kill(pid, i === 0 ? 'SIGTERM' : i === 100 ? 'SIGKILL' : 0);
    } catch {
      return; // there is no such process any more
    }
    await sleep(100);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false; // it doesn't listen yet
  }
}
