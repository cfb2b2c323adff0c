import { describe, expect, it } from 'vitest';
import { NOW_MS } from '../decide/decision.test-support.ts';
import type { StoredReplica } from '../store/store.ts';
import { plan } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import {
  draining,
  launched,
  leaving,
  ready,
  starting,
  terminating,
  unhealthy,
} from './replica.test-support.ts';

function planned(rows: readonly StoredReplica[], target: number, given: Partial<PlanInput> = {}) {
  let launches = 0;
  return plan({
    settings: {
      name: 'cpu',
      max: 10,
      drainSeconds: 120,
      unhealthySeconds: 43_200,
      startup: { expectedSeconds: 60, timeoutSeconds: 600 },
    },
    rows,
    target,
    nowMs: NOW_MS,
    namesReplicas: true,
    choosesRemoved: true,
    isEmpty: () => false,
    inFlight: () => 0,
    isOutOfReach: () => false,
    launchNotBeforeMs: 0,
    newId: () => `new${++launches}`,
    ...given,
  });
}

/** `a` as it was, `a!` ending, `a~` draining, `a+` ready again, `new1` launched. */
function shown(before: readonly StoredReplica[], after: readonly StoredReplica[]): string {
  return after
    .map((row) => {
      if (before.includes(row)) return row.id;
      if (row.state.kind === 'terminating') return `${row.id}!`;
      if (row.state.kind === 'draining') return `${row.id}~`;
      return row.state.kind === 'ready' ? `${row.id}+` : row.id;
    })
    .join(' ');
}

/** It drains since it leaves. */
const gone = (id: string, leftSeconds: number) => {
  const { state } = leaving(id, leftSeconds);
  const notice = state.kind === 'ready' && state.leaving ? { leaving: state.leaving } : {};
  return ready(id, {
    state: { kind: 'draining', sinceMs: NOW_MS - 5_000, deadlineMs: NOW_MS + leftSeconds * 1_000, ...notice },
  });
};

const a = ready('a');
const b = ready('b');
const c = ready('c');
const inFlight = (counts: Readonly<Record<string, number>>) => ({ inFlight: (id: string) => counts[id] });
const empty = (...ids: readonly string[]) => ({ isEmpty: (id: string) => ids.includes(id) });

describe('a plan', () => {
  it.each<[string, readonly StoredReplica[], number, Partial<PlanInput>, string]>([
    ['changes nothing when there are enough', [a, b], 2, {}, 'a b'],
    ['launches what is missing', [a], 3, {}, 'a new1 new2'],
    ['counts a launch that was not seen yet', [a, launched('b')], 2, {}, 'a b'],
    ['counts neither draining nor ending ones', [a, draining('b'), terminating(c)], 1, {}, 'a b c'],
    ['takes back what drains before it launches', [a, draining('b')], 3, {}, 'a b+ new1'],
    ['takes back the newest first', [draining('b', 60), draining('c', 30)], 1, {}, 'b c+'],
    ['does not take back what is ending', [terminating(draining('b'))], 1, {}, 'b new1'],
    ['does not take back what is empty: it ends', [draining('b')], 1, empty('b'), 'b! new1'],
    ['does not launch after failures', [a, draining('b')], 3, { launchNotBeforeMs: NOW_MS + 1 }, 'a b+'],
    ['launches when the wait is over', [a], 2, { launchNotBeforeMs: NOW_MS }, 'a new1'],
    ['names nothing for a driver that counts', [a, draining('b')], 3, { namesReplicas: false }, 'a b+'],
    ['drains what is too much', [a, b], 1, inFlight({ a: 1, b: 0 }), 'a b~'],
    ['ends a starting one at once, first', [a, starting('b')], 1, inFlight({ a: 0, b: 0 }), 'a b!'],
    ['drains one that starts again with work', [a, starting('b')], 1, inFlight({ a: 0, b: 3 }), 'a b~'],
    ['drains a starting one of which nobody can tell', [a, starting('b')], 1, inFlight({ a: 0 }), 'a b~'],
    ['calls off a launch', [a, launched('b')], 1, {}, 'a b!'],
    ['drains the least loaded', [a, b, c], 1, inFlight({ a: 3, b: 9, c: 0 }), 'a~ b c~'],
    ['counts unknown load as most', [a, b], 1, inFlight({ a: 1_000 }), 'a~ b'],
    ['drains the newest of equals', [a, ready('b', { launchedAtMs: NOW_MS - 5 })], 1, {}, 'a b~'],
    ['drains all for none', [a, b], 0, {}, 'a~ b~'],
    ['leaves the choice to a driver that does not choose', [a, b], 1, { choosesRemoved: false }, 'a b'],
    ['waits while a draining one is busy', [a, draining('b')], 1, {}, 'a b'],
    ['ends a draining one that is empty', [a, draining('b')], 1, empty('b'), 'a b!'],
    ['does not end a ready one that is empty', [a, b], 2, empty('a', 'b'), 'a b'],
    ['ends a draining one whose time is up, busy or not', [a, draining('b', 120, 0)], 1, {}, 'a b!'],
    ['replaces one that does not start', [a, starting('b', 601)], 2, {}, 'a b! new1'],
    ['replaces one that leaves at once, and lets it serve', [a, leaving('b', 120)], 2, {}, 'a b new1'],
    ['drains one that leaves when its time is near', [a, leaving('b', 45)], 2, {}, 'a b~ new1'],
    ['drains one that leaves when another serves for it', [a, c, leaving('b', 120)], 2, {}, 'a c b~'],
    ['replaces one on advice and lets it serve', [a, leaving('b'), starting('c')], 2, {}, 'a b c'],
    ['drains one on advice when its replacement serves', [a, leaving('b'), c], 2, {}, 'a b~ c'],
    ['counts one that leaves no more on the way in', [a, leaving('b', 120)], 1, {}, 'a b~'],
    ['does not take back one that leaves', [gone('b', 30)], 1, {}, 'b new1'],
    ['ends one that leaves when it is empty', [gone('b', 30)], 0, empty('b'), 'b!'],
    ['replaces an unhealthy one, and leaves it its work', [a, unhealthy('b')], 2, {}, 'a b new1'],
    ['ends an unhealthy one that is empty', [a, unhealthy('b')], 2, empty('b'), 'a b! new1'],
    ['ends one that is unhealthy for 12 hours', [a, unhealthy('b', 43_201)], 2, {}, 'a b! new1'],
    ['ends none of a group that is unhealthy as a whole', [unhealthy('b')], 1, empty('b'), 'b new1'],
    ['waits on for one that nothing can end', [starting('b', 601)], 1, { isOutOfReach: () => true }, 'b'],
    ['waits to the last second', [a, starting('b', 600)], 2, {}, 'a b'],
    [
      'replaces one that does not start and may have work',
      [a, starting('b', 601)],
      2,
      inFlight({}),
      'a b~ new1',
    ],
    ['replaces a launch that never came', [launched('b', 601)], 1, {}, 'b! new1'],
  ])('%s', (_, rows, target, given, expected) => {
    expect(shown(rows, planned(rows, target, given))).toBe(expected);
  });

  it('gives a draining one its time', () => {
    expect(planned([a], 0)).toEqual([
      { ...a, state: { kind: 'draining', sinceMs: NOW_MS, deadlineMs: NOW_MS + 120_000 } },
    ]);
  });

  it('writes down a launch before anything is seen of it', () => {
    expect(planned([], 1)).toEqual([
      { id: 'new1', group: 'cpu', launchedAtMs: NOW_MS, state: { kind: 'launching' } },
    ]);
  });

  it('asks whether it is empty since it was marked', () => {
    const asked: [string, number][] = [];
    planned([draining('b', 30)], 0, {
      isEmpty: (...call) => {
        asked.push(call);
        return false;
      },
    });
    expect(asked).toEqual([['b', NOW_MS - 30_000]]);
  });

  it.each([
    ['launch_timeout', 'it did not start within 600 s', [starting('b', 601)], 1, {}],
    ['empty', 'it is empty', [draining('b')], 0, empty('b')],
    ['drain_timeout', 'its 120 s to drain are up', [draining('b', 120, -1)], 0, {}],
    ['not_needed', 'it is not needed any more', [starting('b')], 0, {}],
    ['leaving', 'its time is up: spot interruption', [gone('b', -1)], 0, {}],
    ['unhealthy', 'it is unhealthy and empty: no answer', [unhealthy('b')], 0, empty('b')],
    ['unhealthy_timeout', 'it is unhealthy for 43200 s: no answer', [unhealthy('b', 43_201)], 0, {}],
  ] as const)('says of one that ends for %s: %s', (cause, because, rows, target, given) => {
    expect(planned(rows, target, given)[0]?.state).toEqual({
      kind: 'terminating',
      sinceMs: NOW_MS,
      cause,
      because,
    });
  });

  it('gives one that leaves no more time than it has', () => {
    expect(planned([leaving('b', 20)], 0)[0]?.state).toMatchObject({
      kind: 'draining',
      deadlineMs: NOW_MS + 20_000,
    });
  });
});

it('ends one that is unhealthy since a time that lies ahead as if since now', () => {
  const row = unhealthy('a', -86_400);
  const [after] = planned([row, b], 1);
  expect(after?.state).toMatchObject({ kind: 'unhealthy', sinceMs: NOW_MS });
});

it('lets go of as many that leave as are not needed to serve, the most urgent first', () => {
  const rows = [a, leaving('x'), leaving('y', 100), leaving('z', 90)];
  expect(shown(rows, planned(rows, 3, { launchNotBeforeMs: NOW_MS + 1_000 }))).toBe('a x y z~');
  expect(shown(rows, planned(rows, 4, { launchNotBeforeMs: NOW_MS + 1_000 }))).toBe('a x y z');
});
