import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@forebay/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLock } from './download-lock.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forebay-'));
});
afterEach(() => rm(dir, { recursive: true }));

/** Moves time until `done` settles. */
async function passTime(clock: ManualClock, done: Promise<unknown>): Promise<void> {
  let settled = false;
  const end = () => {
    settled = true;
  };
  done.then(end, end);
  while (!settled) await clock.advance(250);
}

function options(clock: ManualClock, signal = new AbortController().signal) {
  const waits: string[] = [];
  return { clock, signal, waits, onWait: () => waits.push('waits') };
}

it('lets one work at a time, and tells the others once that they wait', async () => {
  const clock = new ManualClock();
  const path = join(dir, 'lock');
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await clock.sleep(1_000);
    inside -= 1;
  };
  const all = [options(clock), options(clock), options(clock)];
  const done = Promise.all(all.map((own) => withLock(path, own, work)));
  await passTime(clock, done);
  await done;
  expect(most).toBe(1);
  expect(all.map((own) => own.waits.length).sort()).toEqual([0, 1, 1]);
  expect(existsSync(path)).toBe(false);
});

it('is released when the work fails', async () => {
  const path = join(dir, 'lock');
  const failing = withLock(path, options(new ManualClock()), () => Promise.reject(new Error('broken')));
  await expect(failing).rejects.toThrow('broken');
  expect(existsSync(path)).toBe(false);
});

it('takes over at once from a process of this host that died', async () => {
  const path = join(dir, 'lock');
  await writeFile(path, JSON.stringify({ host: hostname(), pid: 2 ** 30, token: 'x' }));
  expect(await withLock(path, options(new ManualClock()), async () => 'worked')).toBe('worked');
});

it('takes over from another host only after 15 s without a heartbeat', async () => {
  const clock = new ManualClock();
  const path = join(dir, 'lock');
  await writeFile(path, JSON.stringify({ host: 'elsewhere', pid: process.pid, token: 'x' }));
  const startedMs = withLock(path, options(clock), async () => clock.nowMs());
  await passTime(clock, startedMs);
  expect(await startedMs).toBeGreaterThanOrEqual(15_000);
  expect(await startedMs).toBeLessThan(20_000);
});

it('waits as long as the holder works and beats', async () => {
  const clock = new ManualClock();
  const path = join(dir, 'lock');
  const first = withLock(path, options(clock), () => clock.sleep(60_000));
  const secondMs = withLock(path, options(clock), async () => clock.nowMs());
  await passTime(clock, Promise.all([first, secondMs]));
  // Whichever was first: without heartbeats the second would begin after 15 s of the first's 60.
  expect(existsSync(path)).toBe(false);
});

it('stops waiting when it is told to', async () => {
  const clock = new ManualClock();
  const path = join(dir, 'lock');
  await writeFile(path, JSON.stringify({ host: 'elsewhere', pid: 1, token: 'x' }));
  const stop = new AbortController();
  const waiting = withLock(path, options(clock, stop.signal), async () => 'worked');
  stop.abort(new Error('told to'));
  await expect(waiting).rejects.toThrow('told to');
  expect(existsSync(path)).toBe(true);
});
