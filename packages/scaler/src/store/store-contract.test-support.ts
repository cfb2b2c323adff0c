import { expect, it } from 'vitest';
import type { Decision } from '../values/decision.ts';
import type { Vote } from '../values/vote.ts';
import type { Store, StoredReplica, TickChange } from './store.ts';

const HOUR_MS = 3_600_000;
export const NOW_MS = 1_800_000_000_000;

/** A decision with everything that one can have; the arguments are what a test is about. */
export function decision(over: Partial<Decision> = {}): Decision {
  return {
    group: 'default',
    decidedAtMs: NOW_MS,
    current: 2,
    target: 3,
    ready: 2,
    starting: 0,
    draining: 0,
    signals: {
      cpu_percent: { kind: 'value', value: 93.5, ageSeconds: 2 },
      queued_work_seconds: { kind: 'stale', value: Number.POSITIVE_INFINITY, ageSeconds: 90 },
      memory_percent: { kind: 'missing', reason: 'no answer', ageSeconds: 5 },
    },
    votes: [
      {
        vote: wish(),
        target: 3,
      },
      {
        vote: { kind: 'abstains', policy: 'memory', because: 'no answer', lostSignal: true },
        target: 2,
        held: { by: 'stabilization', because: 'made up', untilMs: NOW_MS + 1 },
      },
    ],
    wanted: 3,
    limits: [{ name: 'max', from: 4, to: 3, because: 'max is 3', untilMs: NOW_MS + 1 }],
    reason: 'Scaling up based on cpu',
    dryRun: false,
    ...over,
  };
}

function wish(): Extract<Vote, { kind: 'wants' }> {
  return {
    kind: 'wants',
    policy: 'cpu',
    replicas: 2.7,
    order: 2.7,
    tolerance: { out: 0.1, in: 0.1 },
    because: '93.5 over 70',
    figures: { value: 93.5, target: 70, ratio: 93.5 / 70 },
  };
}

/** A tick whose order is the decision's target. */
export function tick(over: Partial<Decision> = {}, rest: Partial<TickChange> = {}): TickChange {
  const decided = decision(over);
  return { decision: decided, desired: decided.target, replicas: [], startups: [], ...rest };
}

const REPLICAS: readonly StoredReplica[] = [
  { id: 'a', group: 'default', launchedAtMs: NOW_MS, state: { kind: 'launching' } },
  {
    id: 'b',
    group: 'default',
    url: 'http://127.0.0.1:9000/predictions/m',
    launchedAtMs: NOW_MS - 5,
    state: { kind: 'ready', readyAtMs: NOW_MS },
  },
  {
    id: 'c',
    group: 'default',
    launchedAtMs: NOW_MS - 9,
    state: { kind: 'draining', sinceMs: NOW_MS, deadlineMs: NOW_MS + 60_000, leaving: { because: 'spot' } },
  },
  {
    id: 'd',
    group: 'default',
    machine: 'i-1',
    launchedAtMs: NOW_MS - 9,
    seenAtMs: NOW_MS - 8,
    saidReadyAtMs: NOW_MS - 7,
    heardAtMs: NOW_MS - 7,
    state: { kind: 'ready', readyAtMs: NOW_MS - 7, leaving: { because: 'spot', deadlineMs: NOW_MS + 9 } },
  },
  {
    id: 'e',
    group: 'default',
    launchedAtMs: NOW_MS - 9,
    state: { kind: 'unhealthy', sinceMs: NOW_MS, by: 'itself', because: 'disk full' },
  },
  {
    id: 'f',
    group: 'default',
    launchedAtMs: NOW_MS - 9,
    state: { kind: 'terminating', sinceMs: NOW_MS + 1, cause: 'empty', because: 'it is empty' },
  },
];

/** What every store must do. `open` opens an empty one; `reopen` closes it and opens what stayed, where something stays. */
export function storeContract(
  open: () => Store,
  reopen: ((store: Store) => Store) | undefined = undefined,
): void {
  /** A store whose lease of epoch 1 is held. */
  const held = () => {
    const store = open();
    expect(store.acquireLease('me', NOW_MS, 15_000)).toEqual({
      kind: 'held',
      epoch: 1,
      untilMs: NOW_MS + 15_000,
    });
    return store;
  };
  const again = (store: Store) => reopen?.(store) ?? store;

  it('knows nothing of a group at first', () => {
    const store = open();
    const empty = { group: 'default', replicas: [], paused: { in: false, out: false } };
    expect(store.load('default')).toEqual(empty);
    expect([store.decisions(5), store.priorities(), store.configOverride()]).toEqual([[], [], undefined]);
    store.close();
  });

  it('gives back what a tick settled, every field of it', () => {
    let store = held();
    const startups = [{ group: 'default', atMs: NOW_MS, seconds: 31.5 }];
    store.commit(1, tick({}, { replicas: REPLICAS, startups }));
    store = again(store);
    expect(store.load('default')).toEqual({
      group: 'default',
      desired: 3,
      replicas: REPLICAS,
      paused: { in: false, out: false },
      lastScaling: { group: 'default', atMs: NOW_MS, from: 2, to: 3, reason: 'Scaling up based on cpu' },
    });
    expect(store.groupNames()).toEqual(['default']);
    expect(store.decisions(5)).toEqual([decision()]);
    expect(store.startups('default', 5)).toEqual(startups);
    store.close();
  });

  it('reads votes of before they had figures', () => {
    let store = held();
    const { figures: _, ...vote } = wish();
    const votes = [{ vote, target: 3 }];
    store.commit(1, tick({ votes }));
    store = again(store);
    expect(store.decisions(1)).toEqual([decision({ votes })]);
    store.close();
  });

  it('keeps the last change while ticks change nothing, also those of a dry run', () => {
    const store = held();
    store.commit(1, tick({ target: 3 }));
    store.commit(1, tick({ current: 3, decidedAtMs: NOW_MS + 1 }));
    store.commit(1, tick({ current: 3, target: 9, dryRun: true }, { desired: 3 }));
    expect(store.load('default').lastScaling).toMatchObject({ atMs: NOW_MS, from: 2, to: 3 });
    expect(store.changesSince('default', NOW_MS)).toEqual([{ atMs: NOW_MS, from: 2, to: 3 }]);
    expect(store.changesSince('default', NOW_MS + 1)).toEqual([]);
    store.close();
  });

  it('lists decisions from the newest, since a time from the oldest, and of one group', () => {
    const store = held();
    for (const [i, group] of ['a', 'b', 'a', 'a'].entries()) {
      store.commit(1, tick({ group, decidedAtMs: NOW_MS + i }));
    }
    const times = (decisions: readonly Decision[]) => decisions.map((each) => each.decidedAtMs - NOW_MS);
    expect(times(store.decisions(3))).toEqual([3, 2, 1]);
    expect(times(store.decisions(2, 'a'))).toEqual([3, 2]);
    expect(times(store.decisionsSince('a', NOW_MS + 2))).toEqual([2, 3]);
    expect(times(store.decisionsSince('b', NOW_MS + 2))).toEqual([]);
    store.close();
  });

  it('knows the last decision also after the clock was set back', () => {
    const store = held();
    for (const decidedAtMs of [NOW_MS, NOW_MS - HOUR_MS]) store.commit(1, tick({ decidedAtMs }));
    const last = [...store.decisions(1), ...store.decisions(1, 'default')];
    expect(last.map(({ decidedAtMs }) => decidedAtMs)).toEqual([NOW_MS - HOUR_MS, NOW_MS - HOUR_MS]);
    store.close();
  });

  it('keeps start-ups by group, the newest first', () => {
    const store = held();
    const startup = (seconds: number, group = 'a') => ({ group, atMs: NOW_MS, seconds });
    store.commit(1, tick({}, { startups: [startup(1), startup(2), startup(9, 'b')] }));
    store.commit(1, tick({}, { startups: [startup(3)] }));
    expect(store.startups('a', 2)).toEqual([startup(3), startup(2)]);
    store.close();
  });

  it('holds a manual count and a pause beside what ticks write, until they are taken back', () => {
    let store = held();
    const manual = { target: 5, reason: 'tournament', untilMs: NOW_MS + HOUR_MS };
    store.setManual('default', manual);
    store.setPaused('default', { in: true, out: false });
    store.commit(1, tick());
    store = again(store);
    expect(store.load('default')).toMatchObject({ desired: 3, manual, paused: { in: true, out: false } });
    store.setManual('default', undefined);
    store.setPaused('default', { in: false, out: false });
    const { manual: gone, paused } = store.load('default');
    expect([gone, paused]).toEqual([undefined, { in: false, out: false }]);
    store.close();
  });

  it('keeps priorities by id', () => {
    let store = open();
    store.putPriority({ id: 'match-2', priority: 1, resourceAllocation: 10 });
    store.putPriority({ id: 'match-1', priority: 8, resourceAllocation: 30.5 });
    store.putPriority({ id: 'match-2', priority: 2, resourceAllocation: 0 });
    store = again(store);
    expect(store.priorities()).toEqual([
      { id: 'match-1', priority: 8, resourceAllocation: 30.5 },
      { id: 'match-2', priority: 2, resourceAllocation: 0 },
    ]);
    expect([store.deletePriority('match-1'), store.deletePriority('match-1')]).toEqual([true, false]);
    expect(store.priorities().map(({ id }) => id)).toEqual(['match-2']);
    store.close();
  });

  it('keeps the newest report of each kind about each replica, for a day', () => {
    let store = open();
    const said = { about: 'a', because: 'it said so' };
    store.putReport({ ...said, kind: 'ready', atMs: NOW_MS });
    store.putReport({ ...said, kind: 'unhealthy', atMs: NOW_MS + 1 });
    store.putReport({ ...said, kind: 'ready', url: 'http://10.0.0.1:8080/m', atMs: NOW_MS + 2 });
    store.putReport({ ...said, about: 'i-1', kind: 'leaving', deadlineMs: NOW_MS + 9, atMs: NOW_MS + 3 });
    store = again(store);
    const ready = { ...said, kind: 'ready', url: 'http://10.0.0.1:8080/m', atMs: NOW_MS + 2 };
    const leaving = { ...said, about: 'i-1', kind: 'leaving', deadlineMs: NOW_MS + 9, atMs: NOW_MS + 3 };
    expect(store.reports(0)).toEqual([{ ...said, kind: 'unhealthy', atMs: NOW_MS + 1 }, ready, leaving]);
    expect(store.reports(NOW_MS + 3)).toEqual([leaving]);
    store.putReport({ ...said, about: 'b', kind: 'unhealthy', atMs: NOW_MS + 24 * HOUR_MS + 3 });
    expect(store.reports(0).map(({ about }) => about)).toEqual(['i-1', 'b']);
    store.close();
  });

  it('keeps a change of the configuration as it was sent', () => {
    let store = open();
    store.setConfigOverride({ max_instances: 12, groups: [{ name: 'gpu', x: null }] });
    store = again(store);
    expect(store.configOverride()).toEqual({ max_instances: 12, groups: [{ name: 'gpu', x: null }] });
    store.setConfigOverride(undefined);
    expect(store.configOverride()).toBeUndefined();
    store.close();
  });

  it('refuses a tick of an older epoch and one without a lease, and writes nothing of it', () => {
    const store = open();
    expect(() => store.commit(1, tick())).toThrow('the lease of epoch 1 is lost: nobody has it');
    store.acquireLease('old', NOW_MS, 15_000);
    store.acquireLease('new', NOW_MS + 15_000, 15_000);
    expect(() => store.commit(1, tick({}, { replicas: REPLICAS }))).toThrow(
      expect.objectContaining({ code: 'SCALER_STORE', message: expect.stringContaining('new has it') }),
    );
    expect([store.decisions(1), store.load('default').desired]).toEqual([[], undefined]);
    store.commit(2, tick());
    expect(store.load('default').desired).toBe(3);
    store.close();
  });

  it('gives the lease away when its time is up, it is released, or the clock was set back', () => {
    const store = held();
    expect(store.acquireLease('you', NOW_MS + 1, 15_000)).toEqual({
      kind: 'other',
      holder: 'me',
      untilMs: NOW_MS + 15_000,
    });
    store.releaseLease('you');
    expect(store.acquireLease('you', NOW_MS + 1, 15_000)).toMatchObject({ kind: 'other' });
    store.releaseLease('me');
    expect(store.acquireLease('you', NOW_MS + 1, 15_000)).toMatchObject({ kind: 'held', epoch: 2 });
    expect(store.acquireLease('me', NOW_MS - HOUR_MS, 15_000)).toMatchObject({ kind: 'held', epoch: 3 });
    store.close();
  });

  it('forgets ticks without a change after a day, changes after 90', () => {
    const store = held();
    const DAY_MS = 24 * HOUR_MS;
    const at = (days: number, current: number, target = current) =>
      store.commit(1, tick({ decidedAtMs: NOW_MS + days * DAY_MS, current, target }));
    at(0, 2);
    at(0, 2, 3);
    at(0.5, 3);
    const kept = () => store.decisions(9).map(({ decidedAtMs }) => (decidedAtMs - NOW_MS) / DAY_MS);
    at(1.1, 3);
    expect(kept()).toEqual([1.1, 0.5, 0]);
    at(89, 3);
    expect(kept()).toEqual([89, 0]);
    at(90.1, 3);
    expect(kept()).toEqual([90.1]);
    store.close();
  });
}
