import { mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ReplicaLogs } from './replica-logs.ts';

let dir = '';
let logs: ReplicaLogs;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forebay-logs-'));
  logs = new ReplicaLogs(dir);
});
afterEach(() => rm(dir, { recursive: true }));

it('begins a log anew and knows its last lines', async () => {
  await writeFile(logs.pathOf('a'), 'of an earlier run\n');
  const file = await logs.begin('a');
  await file.write('one\ntwo\n\nthree\nfour\n');
  await file.close();
  expect(await logs.lastLines('a')).toBe('two | three | four');
});

it('knows no lines of a log that is not there', async () => {
  expect(await logs.lastLines('never')).toBe('');
});

it('keeps ids from leaving the folder', () => {
  expect(logs.pathOf('../../etc/passwd')).toBe(join(dir, '..%2F..%2Fetc%2Fpasswd.log'));
});

it('empties a log that is too long, while it is written to', async () => {
  const file = await logs.begin('a');
  await truncate(logs.pathOf('a'), 9 * 1024 * 1024);
  await logs.trim(new Set(['a']));
  await file.write('more\n');
  await file.close();
  expect((await stat(logs.pathOf('a'))).size).toBe(5);
});

it('keeps the newest logs of replicas that are gone, and those of all others', async () => {
  for (let age = 0; age < 25; age += 1) {
    await writeFile(logs.pathOf(`gone-${age}`), '');
    await utimes(logs.pathOf(`gone-${age}`), 1_000 - age, 1_000 - age);
  }
  await writeFile(logs.pathOf('living'), '');
  await utimes(logs.pathOf('living'), 1, 1);
  await logs.trim(new Set(['living']));
  const kept = Array.from({ length: 20 }, (_, age) => `gone-${age}.log`);
  expect((await readdir(dir)).toSorted()).toEqual([...kept, 'living.log'].toSorted());
});
