import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Clock } from '../clock.ts';

/** How often the holder shows that it lives. */
const BEAT_MS = 2_000;
/** A lock without a sign of life for this long is taken over. */
const STALE_MS = 15_000;

/** What {@link withLock} needs. */
export interface LockOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called once, when another process holds the lock. */
  readonly onWait: () => void;
}

/**
 * Runs `work` while no other process runs it under the same lock file. A holder that died is found out: at once on the
 * same host by its process id, otherwise after 15 s by its missing heartbeat. Rejects when `signal` is aborted while waiting.
 */
export async function withLock<Result>(
  path: string,
  options: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const owner = JSON.stringify({ host: hostname(), pid: process.pid, token: randomUUID() });
  await acquire(path, owner, options);
  const done = new AbortController();
  const beating = beat(path, options.clock, done.signal);
  try {
    return await work();
  } finally {
    done.abort();
    await beating;
    if ((await readHolder(path)) === owner) await rm(path, { force: true });
  }
}

async function acquire(path: string, owner: string, { clock, signal, onWait }: LockOptions): Promise<void> {
  let seen = { mark: '', sinceMs: clock.nowMs() };
  for (let waited = false; !(await create(path, owner)); waited = true) {
    if (!waited) onWait();
    const mark = await lifeSign(path);
    if (mark !== seen.mark) seen = { mark, sinceMs: clock.nowMs() };
    const holder = await readHolder(path);
    const stale = clock.nowMs() - seen.sinceMs >= STALE_MS || isDead(holder);
    // Another waiter may have taken it over in the meantime: only the holder that was judged loses it.
    if (stale && (await readHolder(path)) === holder) await rm(path, { force: true });
    else await clock.sleep(250, signal);
    signal.throwIfAborted();
  }
}

async function create(path: string, owner: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(owner);
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function beat(path: string, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let beats = 1; !signal.aborted; beats += 1) {
    await clock.sleep(BEAT_MS, signal);
    await utimes(path, beats, beats).catch(() => undefined); // taken over: then it is not ours to keep
  }
}

/** Changes while the holder lives; compared with itself only, so the clocks of two hosts need not agree. */
async function lifeSign(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined); // just released
  return found === undefined ? '' : `${found.ino} ${found.mtimeMs}`;
}

async function readHolder(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => ''); // just released
}

/** Whether the holder ran on this host and does no more. */
function isDead(holder: string): boolean {
  const match = /"host":("[^"]*"),"pid":(\d+)/.exec(holder);
  if (match?.[1] !== JSON.stringify(hostname())) return false;
  try {
    process.kill(Number(match[2]), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
