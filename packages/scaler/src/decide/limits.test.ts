import { describe, expect, it } from 'vitest';
import { groupSettings } from '../values/group-settings.test-support.ts';
import type { GroupSettings, VelocitySettings } from '../values/group-settings.ts';
import type { CountedVote } from '../values/vote.ts';
import { counted, NOW_MS, silent } from './decision.test-support.ts';
import { type Bounds, limited } from './limits.ts';

interface Row {
  readonly wanted: number;
  readonly current?: number;
  readonly votes?: readonly CountedVote[];
  readonly settings?: Partial<GroupSettings>;
  readonly bounds?: Partial<Bounds>;
}

function run({ wanted, current = 4, votes = [counted(wanted)], settings, bounds }: Row) {
  return limited(wanted, current, votes, {
    nowMs: NOW_MS,
    settings: groupSettings(settings),
    changes: [],
    manual: undefined,
    paused: { in: false, out: false },
    blocked: undefined,
    ...bounds,
  });
}

/** `name from>to` of each limit, then the target. */
const shown = (row: Row) => {
  const { limits, target } = run(row);
  return [...limits.map(({ name, from, to }) => `${name} ${from}>${to}`), target].join(', ');
};

const ago = (seconds: number) => NOW_MS - seconds * 1_000;
const cooldown = { cooldownSeconds: { out: 60, in: 300 } };
const changedAgo = (seconds: number): Partial<Bounds> => ({
  changes: [{ atMs: ago(seconds), from: 4, to: 4 }],
});
const byHand = (target: number, seconds = 60): Partial<Bounds> => ({
  manual: { target, reason: 'a test', untilMs: NOW_MS + seconds * 1_000 },
});
const min3 = { min: 3 };

describe('each rule alone', () => {
  it.each<[string, Row, string]>([
    ['nothing binds', { wanted: 7 }, '7'],
    ['a lost signal holds in', { wanted: 2, votes: [counted(2), silent()] }, 'lost-signal 2>4, 4'],
    ['a lost signal does not hold out', { wanted: 7, votes: [counted(7), silent()] }, '7'],
    [
      'an abstention without loss does not hold',
      { wanted: 2, votes: [counted(2), silent('cpu', false)] },
      '2',
    ],
    ['cooldown holds out', { wanted: 7, settings: cooldown, bounds: changedAgo(59) }, 'cooldown-out 7>4, 4'],
    ['cooldown out ends', { wanted: 7, settings: cooldown, bounds: changedAgo(60) }, '7'],
    ['cooldown holds in', { wanted: 2, settings: cooldown, bounds: changedAgo(299) }, 'cooldown-in 2>4, 4'],
    ['cooldown in ends', { wanted: 2, settings: cooldown, bounds: changedAgo(300) }, '2'],
    ['cooldown without a change before', { wanted: 2, settings: cooldown }, '2'],
    [
      'cooldown does not hold the first replica',
      { wanted: 2, current: 0, settings: cooldown, bounds: changedAgo(9) },
      '2',
    ],
    [
      'a change a little ahead still counts',
      { wanted: 2, settings: cooldown, bounds: changedAgo(-10) },
      'cooldown-in 2>4, 4',
    ],
    [
      'a change far ahead: the clock was set back',
      { wanted: 2, settings: cooldown, bounds: changedAgo(-3_600) },
      '2',
    ],
    ['below the minimum', { wanted: 2, settings: min3 }, 'min 2>3, 3'],
    ['above the maximum', { wanted: 12 }, 'max 12>10, 10'],
    ['disabled', { wanted: 7, settings: { enabled: false } }, 'disabled 7>4, 4'],
    ['paused in', { wanted: 2, bounds: { paused: { in: true, out: false } } }, 'paused 2>4, 4'],
    ['paused in lets out', { wanted: 7, bounds: { paused: { in: true, out: false } } }, '7'],
    ['paused out', { wanted: 7, bounds: { paused: { in: false, out: true } } }, 'paused 7>4, 4'],
    ['the platform does not answer', { wanted: 7, bounds: { blocked: 'no answer' } }, 'driver 7>4, 4'],
    ['it does not answer, and need not', { wanted: 4, bounds: { blocked: 'no answer' } }, '4'],
  ])('%s', (_, row, expected) => {
    expect(shown(row)).toBe(expected);
  });
});

describe('rules in order', () => {
  it.each<[string, Row, string]>([
    [
      'the minimum overrides a lost signal, cooldown and velocity',
      {
        wanted: 0,
        current: 1,
        votes: [counted(0), silent()],
        settings: { ...min3, ...cooldown },
        bounds: changedAgo(1),
      },
      'lost-signal 0>1, min 1>3, 3',
    ],
    [
      'so does the maximum',
      { wanted: 5, current: 12, votes: [counted(5), silent()] },
      'lost-signal 5>12, max 12>10, 10',
    ],
    [
      'paused holds the minimum',
      { wanted: 0, current: 1, settings: min3, bounds: { paused: { in: false, out: true } } },
      'min 0>3, paused 3>1, 1',
    ],
    [
      'a platform that does not answer holds the maximum',
      { wanted: 12, current: 12, bounds: { blocked: 'x' } },
      'max 12>10, driver 10>12, 12',
    ],
    [
      'by hand: over windows, lost signals and pauses',
      {
        wanted: 2,
        votes: [silent()],
        settings: cooldown,
        bounds: { ...byHand(6), ...changedAgo(1), paused: { in: true, out: true } },
      },
      'manual 2>6, 6',
    ],
    ['by hand: within the maximum', { wanted: 2, bounds: byHand(50) }, 'manual 2>50, max 50>10, 10'],
    [
      'by hand: within the minimum',
      { wanted: 2, settings: min3, bounds: byHand(0) },
      'manual 2>0, min 0>3, 3',
    ],
    [
      'by hand: not while the platform does not answer',
      { wanted: 2, bounds: { ...byHand(6), blocked: 'x' } },
      'manual 2>6, driver 6>4, 4',
    ],
    ['by hand: over', { wanted: 2, bounds: byHand(6, 0) }, '2'],
  ])('%s', (_, row, expected) => {
    expect(shown(row)).toBe(expected);
  });
});

describe('velocity', () => {
  const percent = (value: number, periodSeconds = 60) => ({ type: 'percent', value, periodSeconds }) as const;
  const replicas = (value: number, periodSeconds = 60) =>
    ({ type: 'replicas', value, periodSeconds }) as const;
  const out = (select: 'max' | 'min', ...rules: VelocitySettings['rules']) => ({
    velocity: { out: { rules, select }, in: { rules: [], select } },
    max: 100,
  });
  const inward = (select: 'max' | 'min', ...rules: VelocitySettings['rules']) => ({
    velocity: { in: { rules, select }, out: { rules: [], select } },
    max: 100,
  });
  const moved = (secondsAgo: number, from: number, to: number) => ({ atMs: ago(secondsAgo), from, to });
  const past = (...moves: readonly ReturnType<typeof moved>[]): Partial<Bounds> => ({ changes: moves });

  it.each<[string, Row, number]>([
    ['50 % of 4', { wanted: 20, settings: out('max', percent(50)) }, 6],
    ['a percentage is rounded up', { wanted: 20, current: 5, settings: out('max', percent(50)) }, 8],
    ['a percentage of nothing is one', { wanted: 20, current: 0, settings: out('max', percent(50)) }, 1],
    ['a percentage of 0 is none', { wanted: 20, settings: out('max', percent(0)) }, 4],
    ['3 replicas', { wanted: 20, settings: out('max', replicas(3)) }, 7],
    ['a small step is not limited', { wanted: 5, settings: out('max', replicas(3)) }, 5],
    ['the rule that allows most', { wanted: 20, settings: out('max', replicas(3), percent(100)) }, 8],
    ['the rule that allows least', { wanted: 20, settings: out('min', replicas(3), percent(100)) }, 7],
    [
      'what moved in the period counts',
      { wanted: 20, current: 6, settings: out('max', replicas(3)), bounds: past(moved(59, 4, 6)) },
      7,
    ],
    [
      'what moved before it does not',
      { wanted: 20, current: 6, settings: out('max', replicas(3)), bounds: past(moved(60, 4, 6)) },
      9,
    ],
    [
      'the percentage is of the count at the start of the period',
      { wanted: 20, current: 6, settings: out('max', percent(100)), bounds: past(moved(30, 4, 6)) },
      8,
    ],
    [
      'nothing is left',
      { wanted: 20, current: 7, settings: out('max', replicas(3)), bounds: past(moved(30, 4, 7)) },
      7,
    ],
    [
      'more than allowed moved already',
      { wanted: 20, current: 9, settings: out('max', replicas(3)), bounds: past(moved(30, 4, 9)) },
      9,
    ],
    [
      'a move in counts for nothing on the way out',
      { wanted: 20, current: 4, settings: out('max', replicas(3)), bounds: past(moved(30, 9, 4)) },
      7,
    ],
    [
      'a move that lies ahead did not happen',
      { wanted: 20, settings: out('max', replicas(3)), bounds: past(moved(-600, 1, 4)) },
      7,
    ],
    ['1 in 60 s on the way in', { wanted: 1, current: 9, settings: inward('max', replicas(1)) }, 8],
    [
      'a percentage on the way in is rounded up',
      { wanted: 1, current: 9, settings: inward('max', percent(10)) },
      8,
    ],
    [
      'what moved in counts on the way in',
      { wanted: 1, current: 8, settings: inward('max', replicas(3)), bounds: past(moved(30, 10, 8)) },
      7,
    ],
    ['all at once', { wanted: 0, current: 9, settings: inward('max', percent(100, 15)) }, 0],
  ])('%s', (_, row, target) => {
    expect(run(row).target).toBe(target);
  });

  it('says what it allows', () => {
    const { limits } = run({ wanted: 20, settings: out('max', replicas(3), percent(50, 15)) });
    expect(limits).toEqual([
      { name: 'velocity-out', from: 20, to: 7, because: 'at most 3 replica(s) in 60 s or 50 % in 15 s' },
    ]);
  });
});

it('says when a cooldown ends', () => {
  expect(run({ wanted: 7, settings: cooldown, bounds: changedAgo(20) }).limits).toEqual([
    {
      name: 'cooldown-out',
      from: 7,
      to: 4,
      because: 'the last change was 20 s ago, fewer than 60 s',
      untilMs: NOW_MS + 40_000,
    },
  ]);
});
