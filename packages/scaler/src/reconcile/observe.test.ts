import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW_MS } from '../decide/decision.test-support.ts';
import type { StoredReplica } from '../store/store.ts';
import type { ObservedReplica } from '../values/replica.ts';
import { type Observation, observe } from './observe.ts';
import { anyRows, draining, launched, observed, ready, removing, starting } from './replica.test-support.ts';

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
    desired: 2,
    nowMs: NOW_MS,
    lastListAtMs: NOW_MS - 5_000,
    ...given,
  });
}

const nothingElse = { startupSeconds: [], lost: [], adopted: [] };
const nowReady = { kind: 'ready', readyAtMs: NOW_MS } as const;
const failed = { removing: { sinceMs: NOW_MS, because: 'crash loop' } };
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
    ['a launch that was called off is dropped', [removing(launched('a'))], [], { rows: [] }],
    ['one that ended by itself is lost', [ready('a')], [], { rows: [], lost: ['a'] }],
    ['a starting one that ended by itself is lost', [starting('a')], [], { rows: [], lost: ['a'] }],
    ['a draining one that ended by itself is lost', [draining('a')], [], { rows: [], lost: ['a'] }],
    ['one that was ended is gone', [removing(ready('a'))], [], { rows: [] }],
    [
      'one that was ended and still exists stays ended',
      [removing(ready('a'))],
      [observed('a')],
      { rows: [removing(ready('a'))] },
    ],
    [
      'one that was ended and fails keeps its reason',
      [removing(ready('a'))],
      [crashed],
      { rows: [removing(ready('a'))] },
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
      { rows: [ready('a', { removing: { sinceMs: NOW_MS, because: 'it failed' } })] },
    ],
    [
      'one that restarts starts anew',
      [ready('a')],
      [observed('a', 'starting')],
      { rows: [ready('a', { state: { kind: 'starting' }, launchedAtMs: NOW_MS })] },
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
  expect(see(rows, [observed('a')], { choosesRemoved: false, desired }).lost).toEqual(lost);
});

it('awaits nothing from a driver that counts', () => {
  expect(see([launched('a')], [], { namesReplicas: false })).toEqual({
    ...nothingElse,
    rows: [],
    lost: ['a'],
  });
});

it('accounts for every replica of the list once, forgets no launch and takes no end back', () => {
  const list = fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 12 }).map((i) => `r${i}`),
      state: fc.constantFrom<ObservedReplica['state'][]>('starting', 'ready', 'failed'),
    }),
    { selector: ({ id }) => id, maxLength: 10 },
  );
  fc.assert(
    fc.property(anyRows, list, (before, listed) => {
      const { rows, lost, adopted } = see(before, listed);
      const ids = rows.map(({ id }) => id);
      const awaited = before.filter(
        (row) =>
          row.seenAtMs === undefined && row.removing === undefined && !listed.some(({ id }) => id === row.id),
      );
      expect([...ids].sort()).toEqual([...listed, ...awaited].map(({ id }) => id).sort());
      expect(awaited.every((row) => rows.includes(row))).toBe(true);
      for (const row of before) {
        const after = rows.find(({ id }) => id === row.id);
        if (row.removing !== undefined && after !== undefined) expect(after.removing).toBe(row.removing);
        if (row.state.kind === 'draining' && after !== undefined) expect(after.state).toBe(row.state);
        const gone = after === undefined && row.removing === undefined;
        expect(lost.includes(row.id)).toBe(gone);
      }
      expect(adopted).toEqual(
        listed.filter(({ id }) => !before.some((row) => row.id === id)).map(({ id }) => id),
      );
    }),
    { seed: 5, numRuns: 5_000 },
  );
});
