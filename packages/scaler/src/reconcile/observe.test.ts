import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW_MS } from '../decide/decision.test-support.ts';
import type { StoredReplica } from '../store/store.ts';
import type { ObservedReplica } from '../values/replica.ts';
import { type Observation, observe } from './observe.ts';
import {
  anyRows,
  draining,
  launched,
  observed,
  ready,
  starting,
  terminating,
  unhealthy,
} from './replica.test-support.ts';

function see(
  rows: readonly StoredReplica[],
  list: readonly ObservedReplica[],
  given: Partial<Observation> = {},
) {
  return observe({
    group: { name: 'cpu' },
    rows,
    observed: list,
    namesReplicas: true,
    choosesRemoved: true,
    reports: [],
    strangers: 'adopt',
    listGraceSeconds: 0,
    startsOnce: false,
    desired: 2,
    nowMs: NOW_MS,
    lastListAtMs: NOW_MS - 5_000,
    ...given,
  });
}

const nothingElse = { startupSeconds: [], lost: [], adopted: [] };
const nowReady = { kind: 'ready', readyAtMs: NOW_MS } as const;
const failed = {
  state: { kind: 'terminating', sinceMs: NOW_MS, cause: 'failed', because: 'crash loop' },
} as const;
const crashed = observed('a', 'failed', { note: 'crash loop' });

describe('one row and one list', () => {
  it.each<
    [string, readonly StoredReplica[], readonly ObservedReplica[], Partial<ReturnType<typeof observe>>]
  >([
    ['a ready one stays', [ready('a')], [observed('a')], { rows: [ready('a')] }],
    ['a starting one stays', [starting('a')], [observed('a', 'starting')], { rows: [starting('a')] }],
    [
      'a starting one is ready: what it took is learned',
      [starting('a', 42)],
      [observed('a')],
      { rows: [starting('a', 42, { state: nowReady })], startupSeconds: [42] },
    ],
    [
      'a launch is seen',
      [launched('a')],
      [observed('a', 'starting')],
      { rows: [{ ...launched('a'), seenAtMs: NOW_MS }] },
    ],
    ['a launch is not seen yet and stays', [launched('a', 900)], [], { rows: [launched('a', 900)] }],
    ['a launch that was called off is dropped', [terminating(launched('a'))], [], { rows: [] }],
    ['one that ended by itself is lost', [ready('a')], [], { rows: [], lost: [{ id: 'a' }] }],
    ['a starting one that ended by itself is lost', [starting('a')], [], { rows: [], lost: [{ id: 'a' }] }],
    ['a draining one that ended by itself is lost', [draining('a')], [], { rows: [], lost: [{ id: 'a' }] }],
    ['one that was ended is gone', [terminating(ready('a'))], [], { rows: [] }],
    [
      'one that was ended and still exists stays ended',
      [terminating(ready('a'))],
      [observed('a')],
      { rows: [terminating(ready('a'))] },
    ],
    [
      'one that was ended and fails keeps its reason',
      [terminating(ready('a'))],
      [crashed],
      { rows: [terminating(ready('a'))] },
    ],
    ['a draining one keeps draining', [draining('a')], [observed('a')], { rows: [draining('a')] }],
    [
      'a draining one that restarts keeps draining',
      [draining('a')],
      [observed('a', 'starting')],
      { rows: [draining('a')] },
    ],
    ['one that failed is ended', [ready('a')], [crashed], { rows: [ready('a', failed)] }],
    [
      'one that failed without a note says so',
      [ready('a')],
      [observed('a', 'failed')],
      { rows: [ready('a', { state: { ...failed.state, because: 'it failed' } })] },
    ],
    [
      'one that restarts starts anew',
      [ready('a')],
      [observed('a', 'starting')],
      { rows: [ready('a', { state: { kind: 'launching' }, launchedAtMs: NOW_MS })] },
    ],
    [
      'an address is taken over',
      [ready('a')],
      [observed('a', 'ready', { url: 'http://a' })],
      { rows: [ready('a', { url: 'http://a' })] },
    ],
    [
      'an address is kept',
      [ready('a', { url: 'http://a' })],
      [observed('a')],
      { rows: [ready('a', { url: 'http://a' })] },
    ],
    [
      'one that stops answering is unhealthy',
      [ready('a')],
      [observed('a', 'unhealthy', { note: 'no answer' })],
      { rows: [unhealthy('a', 0)] },
    ],
    [
      'a launch that died is lost, and why',
      [launched('a')],
      [observed('a', 'gone', { note: 'VolumeLimitExceeded' })],
      { rows: [], lost: [{ id: 'a', because: 'VolumeLimitExceeded' }] },
    ],
    ['one that is gone and unknown is nobody’s', [], [observed('z', 'gone')], { rows: [] }],
    [
      'a machine is taken over',
      [ready('a')],
      [observed('a', 'ready', { machine: 'i-1' })],
      { rows: [ready('a', { machine: 'i-1' })] },
    ],
    [
      'an unknown one is adopted',
      [],
      [observed('b', 'ready', { url: 'http://b', launchedAtMs: 7 })],
      {
        rows: [ready('b', { url: 'http://b', launchedAtMs: 7, seenAtMs: NOW_MS, state: nowReady })],
        adopted: ['b'],
      },
    ],
    [
      'an unknown one that starts is adopted',
      [],
      [observed('b', 'starting')],
      { rows: [starting('b', 0)], adopted: ['b'] },
    ],
    [
      'an unknown one that failed is adopted to be ended',
      [],
      [{ ...crashed, id: 'b' }],
      { rows: [starting('b', 0, failed)], adopted: ['b'] },
    ],
  ])('%s', (_, rows, list, expected) => {
    expect(see(rows, list)).toEqual({ ...nothingElse, ...expected });
  });
});

describe('a list that may be late', () => {
  const late = { listGraceSeconds: 60 };
  it.each([
    ['keeps what was launched a moment ago', starting('a', 59), 1],
    ['keeps what said that it is ready', ready('a', { launchedAtMs: NOW_MS - 59_000 }), 1],
    ['misses what was launched before that', ready('a', { launchedAtMs: NOW_MS - 60_000 }), 0],
    ['lets go what was ended', terminating(starting('a', 1)), 0],
  ])('%s', (_, row, kept) => {
    expect(see([row], [], late).rows).toEqual(kept === 1 ? [row] : []);
  });
});

describe('a driver that ends strangers', () => {
  const ends = { strangers: 'end' } as const;
  it('ends those that nobody remembers', () => {
    const { rows, adopted } = see([], [observed('z')], ends);
    expect(adopted).toEqual(['z']);
    expect(rows[0]?.state).toMatchObject({ kind: 'terminating', cause: 'stranger' });
  });
  it('takes them over at the first tick of a group, when nobody can remember any', () => {
    expect(see([], [observed('z')], { ...ends, desired: undefined }).rows[0]?.state.kind).toBe('ready');
  });
});

describe('what is there before anything is remembered', () => {
  const old = { launchedAtMs: NOW_MS - 3_600_000 };
  const first = (given: Partial<ObservedReplica>) =>
    see([], [observed('a', 'starting', given)], { desired: undefined, strangers: 'end' }).rows[0];
  it('has the time of a start-up to answer', () => {
    expect(first(old)).toMatchObject({ state: { kind: 'launching' }, launchedAtMs: NOW_MS });
  });
  it('is ready where only its own word counts and it had the time to say so', () => {
    expect(first({ ...old, reportsItself: true })).toMatchObject({
      state: { kind: 'ready' },
      saidReadyAtMs: NOW_MS,
    });
    expect(first({ launchedAtMs: NOW_MS - 60_000, reportsItself: true })?.state.kind).toBe('launching');
  });
});

describe('what a host says of itself', () => {
  const said = (kind: 'ready' | 'unhealthy', secondsAgo: number, about = 'a') =>
    ({ kind, about, because: 'no answer', atMs: NOW_MS - secondsAgo * 1_000 }) as const;
  const stateOf = (row: StoredReplica, ...given: Parameters<typeof see>[2][]) =>
    see([row], [observed(row.id, 'starting', { machine: 'i-1' })], given[0]).rows[0]?.state.kind;

  it.each([
    ['makes a launching one ready', starting('a', 60), [said('ready', 5)], 'ready'],
    ['is heard by the name of its machine too', starting('a', 60), [said('ready', 5, 'i-1')], 'ready'],
    ['is not of another', starting('a', 60), [said('ready', 5, 'i-2')], 'launching'],
    ['is not of before its launch', starting('a', 60), [said('ready', 61)], 'launching'],
    ['makes it unhealthy', starting('a', 60), [said('ready', 9), said('unhealthy', 5)], 'unhealthy'],
    ['makes it well again', starting('a', 60), [said('unhealthy', 9), said('ready', 5)], 'ready'],
    ['does not bring back one that is ending', terminating(ready('a')), [said('ready', 1)], 'terminating'],
    ['does not bring back one that drains', draining('a'), [said('ready', 1)], 'draining'],
  ])('%s', (_, row, reports, state) => {
    expect(stateOf(row, { reports })).toBe(state);
  });

  it('is heard once: a later list is not overruled by it', () => {
    const reports = [said('ready', 5)];
    const { rows } = see([starting('a', 60)], [observed('a', 'unhealthy')], { reports: [] });
    const first = see(rows, [observed('a', 'unhealthy')], { reports }).rows;
    expect(first[0]?.state.kind).toBe('unhealthy');
    const healed = see(first, [observed('a')], { reports }).rows;
    expect(healed[0]?.state.kind).toBe('ready');
    expect(see(healed, [observed('a')], { reports }).rows).toEqual(healed);
  });

  it('is heard before its launch is listed, and a late list makes it no launching one', () => {
    const reports = [{ ...said('ready', 5), url: 'http://10.0.0.1:8080/m' }];
    const early = see([launched('a', 60)], [], { reports }).rows;
    expect(early).toMatchObject([{ state: { kind: 'ready' }, url: 'http://10.0.0.1:8080/m' }]);
    const later = see(early, [observed('a', 'starting')], { reports }).rows;
    expect(later).toMatchObject([{ state: { kind: 'ready' }, seenAtMs: NOW_MS }]);
  });

  it('by the name of a machine is about none of several on it, but that it is taken away is about all', () => {
    const rows = [ready('a', { machine: 'i-1' }), ready('b', { machine: 'i-1' })];
    const list = [observed('a'), observed('b')];
    const sick = see(rows, list, { reports: [said('unhealthy', 5, 'i-1')] }).rows;
    expect(sick.map(({ state }) => state.kind)).toEqual(['ready', 'ready']);
    const spot = {
      kind: 'leaving',
      about: 'i-1',
      because: 'spot',
      atMs: NOW_MS - 1,
      deadlineMs: NOW_MS + 9,
    } as const;
    expect(see(rows, list, { reports: [spot] }).rows.every(({ state }) => 'leaving' in state)).toBe(true);
  });

  it('that it leaves counts from the first word to the last', () => {
    const report = { kind: 'leaving', about: 'i-1', because: 'spot', atMs: NOW_MS - 9_000 } as const;
    const reports = [{ ...report, deadlineMs: NOW_MS + 111_000 }];
    const rows = see([ready('a')], [observed('a', 'ready', { machine: 'i-1' })], { reports }).rows;
    expect(rows[0]?.state).toMatchObject({ leaving: { because: 'spot', deadlineMs: NOW_MS + 111_000 } });
    expect(see(rows, [observed('a')], { reports }).rows).toEqual(rows);
  });
});

it('does not learn from a start-up whose end it may have missed', () => {
  expect(see([starting('a', 42)], [observed('a')], { lastListAtMs: undefined }).startupSeconds).toEqual([]);
});

it('learns no less than nothing when the clock was set back', () => {
  expect(see([starting('a', -9)], [observed('a')]).startupSeconds).toEqual([0]);
});

it.each([
  ['all of the ordered count that are missing', 4, ['b', 'c']],
  ['some of them', 2, ['b']],
  ['none when no more were ordered', 1, []],
])('takes as lost, where the platform chooses who goes, %s', (_, desired, lost) => {
  const rows = [ready('a'), ready('b'), ready('c')];
  const seen = see(rows, [observed('a')], { choosesRemoved: false, desired });
  expect(seen.lost.map(({ id }) => id)).toEqual(lost);
});

it('awaits nothing from a driver that counts', () => {
  expect(see([launched('a')], [], { namesReplicas: false })).toEqual({
    ...nothingElse,
    rows: [],
    lost: [{ id: 'a' }],
  });
});

it('accounts for every replica of the list once, forgets no launch and takes no end back', () => {
  const list = fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 12 }).map((i) => `r${i}`),
      state: fc.constantFrom<ObservedReplica['state'][]>('starting', 'ready', 'unhealthy', 'failed'),
    }),
    { selector: ({ id }) => id, maxLength: 10 },
  );
  fc.assert(
    fc.property(anyRows, list, (before, listed) => {
      const { rows, lost, adopted } = see(before, listed);
      const ids = rows.map(({ id }) => id);
      const awaited = before.filter(
        (row) =>
          row.seenAtMs === undefined &&
          row.state.kind !== 'terminating' &&
          !listed.some(({ id }) => id === row.id),
      );
      expect([...ids].sort()).toEqual([...listed, ...awaited].map(({ id }) => id).sort());
      expect(awaited.every((row) => rows.includes(row))).toBe(true);
      for (const row of before) {
        const after = rows.find(({ id }) => id === row.id);
        if (row.state.kind === 'terminating' && after !== undefined) expect(after.state).toBe(row.state);
        const takenBack = after?.state.kind === 'ready' || after?.state.kind === 'launching';
        if (row.state.kind === 'draining') expect(takenBack).toBe(false);
        const gone = after === undefined && row.state.kind !== 'terminating';
        expect(lost.some(({ id }) => id === row.id)).toBe(gone);
      }
      expect(adopted).toEqual(
        listed.filter(({ id }) => !before.some((row) => row.id === id)).map(({ id }) => id),
      );
    }),
    { seed: 5, numRuns: 5_000 },
  );
});
