import { expect, it } from 'vitest';
import type { StoredReplica } from '../store/store.ts';
import { hostById, hostRecord, reportRecord } from './host-record.ts';

const NOW_MS = 1_000_000;

function host(over: Partial<StoredReplica> = {}): StoredReplica {
  return { id: 'cpu-1', group: 'cpu', launchedAtMs: NOW_MS - 90_000, state: { kind: 'launching' }, ...over };
}

it.each<[string, Partial<StoredReplica>, Record<string, unknown>]>([
  ['launching', {}, { state: 'launching', state_seconds: 90, deadline_seconds: null, because: null }],
  [
    'ready',
    { state: { kind: 'ready', readyAtMs: NOW_MS - 30_400 } },
    { state: 'ready', state_seconds: 30, deadline_seconds: null, because: null },
  ],
  [
    'draining',
    { state: { kind: 'draining', sinceMs: NOW_MS - 5_000, deadlineMs: NOW_MS + 115_000 } },
    { state: 'draining', state_seconds: 5, deadline_seconds: 115, because: null },
  ],
  [
    'terminating',
    { state: { kind: 'terminating', sinceMs: NOW_MS - 2_000, cause: 'empty', because: 'empty' } },
    { state: 'terminating', state_seconds: 2, deadline_seconds: null, because: 'empty' },
  ],
  [
    'ready and leaving',
    {
      state: {
        kind: 'ready',
        readyAtMs: NOW_MS - 30_000,
        leaving: { because: 'spot', deadlineMs: NOW_MS + 9_000 },
      },
    },
    { state: 'ready', state_seconds: 30, deadline_seconds: 9, because: 'spot' },
  ],
  [
    'draining since it leaves',
    {
      state: {
        kind: 'draining',
        sinceMs: NOW_MS - 5_000,
        deadlineMs: NOW_MS + 8_000,
        leaving: { because: 'spot', deadlineMs: NOW_MS + 9_000 },
      },
    },
    { state: 'draining', state_seconds: 5, deadline_seconds: 8, because: 'spot' },
  ],
  [
    'unhealthy',
    { state: { kind: 'unhealthy', sinceMs: NOW_MS - 4_000, by: 'itself', because: 'disk full' } },
    { state: 'unhealthy', state_seconds: 4, deadline_seconds: null, because: 'disk full' },
  ],
])('says that a host is %s, since when and until when', (_state, over, expected) => {
  expect(hostRecord(host(over), NOW_MS)).toEqual({
    id: 'cpu-1',
    group: 'cpu',
    url: null,
    machine: null,
    age_seconds: 90,
    ...expected,
  });
});

it('finds a host by its own id, else by that of its machine', () => {
  const [a, b] = [host({ id: 'a', machine: 'i-1' }), host({ id: 'i-1', machine: 'i-2' })];
  expect(['a', 'i-1', 'i-2', 'i-3'].map((id) => hostById([a, b], id)?.id)).toEqual([
    'a',
    'i-1',
    'i-1',
    undefined,
  ]);
  expect(hostById([a], 'i-1')?.id).toBe('a');
});

it('shows a deadline of a report only where it has one, and never an age below zero', () => {
  const said = { about: 'a', because: 'b', atMs: NOW_MS + 5_000 };
  expect(reportRecord({ ...said, kind: 'leaving', deadlineMs: NOW_MS + 120_000 }, NOW_MS)).toEqual({
    state: 'leaving',
    because: 'b',
    age_seconds: 0,
    deadline_seconds: 120,
  });
  expect(reportRecord({ ...said, kind: 'leaving' }, NOW_MS)).toEqual({
    state: 'leaving',
    because: 'b',
    age_seconds: 0,
  });
});
