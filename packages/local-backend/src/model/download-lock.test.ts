import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@forebay/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Clock } from '../clock.ts';
import { withLock } from './download-lock.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forebay-'));
});
afterEach(() => rm(dir, { recursive: true }));

const FOREIGN = JSON.stringify({ host: 'elsewhere', pid: process.pid, token: 'x' });

/** A clock on which only sleeping takes time, and real work none. */
function sleepersClock(onSleep: (nowMs: number) => Promise<void> = async () => undefined): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    sleep: async (delayMs) => {
      nowMs += delayMs;
      await onSleep(nowMs);
    },
  };
}

/** A clock that stands still, and yet wakes sleepers. */
const STILL: Clock = { nowMs: () => 0, sleep: () => new Promise((resolve) => setImmediate(resolve)) };

function options(clock: Clock, signal = new AbortController().signal) {
  const waits: string[] = [];
  return { clock, signal, waits, onWait: () => waits.push('waits') };
}

it('lets one work at a time, and tells the others once that they wait', async () => {
  const path = join(dir, 'lock');
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    for (let turns = 0; turns < 50; turns += 1) await STILL.sleep(0);
    inside -= 1;
  };
  const all = [options(STILL), options(STILL), options(STILL)];
  await Promise.all(all.map((own) => withLock(path, own, work)));
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
  const path = join(dir, 'lock');
  await writeFile(path, FOREIGN);
  const clock = sleepersClock();
  const startedMs = await withLock(path, options(clock), async () => clock.nowMs());
  expect(startedMs).toBeGreaterThanOrEqual(15_000);
  expect(startedMs).toBeLessThan(18_000); // the new holder's own first beat included
});

it('waits as long as another host beats', async () => {
  const path = join(dir, 'lock');
  await writeFile(path, FOREIGN);
  const clock = sleepersClock(async (nowMs) => {
    if (nowMs === 60_000) await rm(path);
    else if (nowMs < 60_000 && nowMs % 2_000 === 0) await utimes(path, nowMs, nowMs);
  });
  expect(await withLock(path, options(clock), async () => clock.nowMs())).toBeGreaterThanOrEqual(60_000);
});

it('beats while it works', async () => {
  const path = join(dir, 'lock');
  const clock = new ManualClock();
  await withLock(path, options(clock), async () => {
    const before = (await stat(path)).mtimeMs;
    await clock.advance(2_000);
    await vi.waitFor(async () => expect((await stat(path)).mtimeMs).not.toBe(before));
  });
});

it('stops waiting when it is told to', async () => {
  const clock = new ManualClock();
  const path = join(dir, 'lock');
  await writeFile(path, FOREIGN);
  const stop = new AbortController();
  const waiting = withLock(path, options(clock, stop.signal), async () => 'worked');
  stop.abort(new Error('told to'));
  await expect(waiting).rejects.toThrow('told to');
  expect(existsSync(path)).toBe(true);
});
