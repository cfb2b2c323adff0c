import { expect, it } from 'vitest';
import type { StoredReplica } from '../store/store.ts';
import { tickSeconds } from './tick-seconds.ts';

const NOW_MS = 1_000_000;

const replica = (state: StoredReplica['state'], ageSeconds = 60): StoredReplica => ({
  id: 'a',
  group: 'default',
  launchedAtMs: NOW_MS - ageSeconds * 1_000,
  state,
});
const ready = replica({ kind: 'ready', readyAtMs: NOW_MS });
const starting = (ageSeconds: number) => replica({ kind: 'starting' }, ageSeconds);
const draining = replica({ kind: 'draining', sinceMs: NOW_MS, deadlineMs: NOW_MS });
const group = (...rows: StoredReplica[]) => ({ intervalSeconds: 5, rows });

it.each([
  ['its interval while something answers', [group(ready, starting(1))], 5],
  ['a second at none', [group()], 1],
  ['a second while the last one drains', [group(draining)], 1],
  ['a quarter of one while callers wait for a launch', [group(starting(1))], 0.25],
  ['a second once that takes long', [group(starting(10))], 1],
  ['no more than a short interval', [{ intervalSeconds: 1, rows: [ready] }], 1],
  ['the shortest that a group asks for', [group(ready), group(starting(0))], 0.25],
])('waits %s', (_, groups, seconds) => {
  expect(tickSeconds(groups, NOW_MS)).toBe(seconds);
});
