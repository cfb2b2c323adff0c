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
const starting = (ageSeconds: number) => replica({ kind: 'launching' }, ageSeconds);
const draining = replica({ kind: 'draining', sinceMs: NOW_MS, deadlineMs: NOW_MS });
const group = (...rows: StoredReplica[]) => ({ intervalSeconds: 5, leastTickSeconds: 0, rows });

it.each([
  ['its interval while something answers', group(ready, starting(1)), 5],
  ['a second at none', group(), 1],
  ['a second while the last one drains', group(draining), 1],
  ['a quarter of one while callers wait for a launch', group(starting(1)), 0.25],
  ['a second once that takes long', group(starting(10)), 1],
  ['no more than a short interval', { ...group(ready), intervalSeconds: 1 }, 1],
  ['as long as its platform needs', { ...group(starting(1)), leastTickSeconds: 3 }, 3],
  ['no more than its interval for its platform', { ...group(), leastTickSeconds: 9 }, 5],
])('waits %s', (_, ticked, seconds) => {
  expect(tickSeconds(ticked, NOW_MS)).toBe(seconds);
});
