import { describe, expect, it } from 'vitest';
import type { Decision } from '../values/decision.ts';
import type { Vote } from '../values/vote.ts';
import { countVote } from './count-vote.ts';
import { decisionOf, NOW_MS, pastVotes, silent, wish } from './decision.test-support.ts';

interface Row {
  readonly vote: Vote;
  readonly past?: readonly Decision[];
  readonly windows?: { readonly out: number; readonly in: number };
  readonly current?: number;
  readonly steepFall?: { readonly part: number; readonly seconds: number };
  readonly changedSecondsAgo?: number;
}

function ballot({ past = [], windows = { out: 0, in: 0 }, current = 4, ...row }: Omit<Row, 'vote'>) {
  const { steepFall = { part: 0, seconds: 0 }, changedSecondsAgo } = row;
  return {
    nowMs: NOW_MS,
    current,
    settings: { stabilizationSeconds: windows, intervalSeconds: 5 },
    steepFall,
    inWindowSeconds: windows.in,
    lastChangeMs: changedSecondsAgo === undefined ? undefined : NOW_MS - changedSecondsAgo * 1_000,
    past,
  };
}

function count({ vote, ...row }: Row): string {
  const { target, held } = countVote(vote, ballot(row));
  return held === undefined ? `${target}` : `${target} by ${held.by}`;
}

const tolerance = { out: 0.2, in: 0.2 };
const five = { out: 0, in: 300 };
const sixty = { out: 60, in: 0 };
const always = (replicas: number) => pastVotes(400, () => [wish(replicas)]);
const onceAt = (at: number, replicas: number, else_ = 1) =>
  pastVotes(400, (ago) => [wish(ago === at ? replicas : else_)]);

describe('without windows', () => {
  it.each<[string, Row, string]>([
    ['rounds up', { vote: wish(4.1) }, '5'],
    ['does not round up what arithmetic added', { vote: wish(5 + 1e-12) }, '5'],
    ['asks for no change', { vote: wish(4) }, '4'],
    ['rounds up on the way in', { vote: wish(2.1) }, '3'],
    ['stays when rounding up comes to the same', { vote: wish(3.5) }, '4'],
    ['goes to nothing', { vote: wish(0) }, '0'],
    ['stays within the tolerance out', { vote: wish(4.8, { tolerance }) }, '4 by tolerance'],
    ['leaves the tolerance out', { vote: wish(4.81, { tolerance }) }, '5'],
    ['stays within the tolerance in', { vote: wish(9, { tolerance }), current: 11 }, '11 by tolerance'],
    ['leaves the tolerance in at its edge', { vote: wish(8, { tolerance }), current: 10 }, '8'],
    ['orders head-room once the need is above the count', { vote: wish(5, { order: 6.1 }) }, '7'],
    ['orders no head-room while the count is enough', { vote: wish(4, { order: 4.6 }) }, '4 by tolerance'],
    ['keeps head-room on the way in', { vote: wish(2, { order: 2.3 }) }, '3'],
    ['from nothing anything is above the tolerance', { vote: wish(0.01, { tolerance }), current: 0 }, '1'],
    ['stays without a vote', { vote: silent().vote }, '4'],
  ])('%s', (_, row, expected) => {
    expect(count(row)).toBe(expected);
  });
});

describe('the out window', () => {
  it.each<[string, Row, string]>([
    [
      'holds out for one smaller vote',
      { vote: wish(8), past: onceAt(55, 4, 8), windows: sixty },
      '4 by stabilization',
    ],
    ['goes to the smallest vote', { vote: wish(8), past: onceAt(55, 6, 8), windows: sixty }, '6'],
    ['forgets at its end', { vote: wish(8), past: onceAt(60, 4, 8), windows: sixty }, '8'],
    ['does not hold in', { vote: wish(1), past: onceAt(55, 9, 1), windows: sixty }, '1'],
    ['does not hold when nothing is known', { vote: wish(8), windows: sixty }, '8'],
    ['does not hold the first replica', { vote: wish(2), past: always(0), windows: sixty, current: 0 }, '2'],
  ])('%s', (_, row, expected) => {
    expect(count(row)).toBe(expected);
  });
});

describe('the in window', () => {
  const lostFor = (from: number, to: number) =>
    pastVotes(400, (ago) => [ago <= from && ago > to ? silent('messages').vote : wish(1)]);
  it.each<[string, Row, string]>([
    ['goes to the largest order', { vote: wish(1), past: onceAt(200, 3), windows: five }, '3'],
    [
      'holds for one order of the count',
      { vote: wish(1), past: onceAt(295, 4), windows: five },
      '4 by stabilization',
    ],
    ['holds for one of more', { vote: wish(1), past: onceAt(295, 9), windows: five }, '4 by stabilization'],
    ['forgets at its end', { vote: wish(1), past: onceAt(300, 9), windows: five }, '1'],
    [
      'counts orders, not needs',
      { vote: wish(1), past: pastVotes(400, () => [wish(1, { order: 3 })]), windows: five },
      '3',
    ],
    [
      'counts its tolerance',
      { vote: wish(1, { tolerance }), past: onceAt(200, 3.5), windows: five },
      '4 by stabilization',
    ],
    ['does not hold out', { vote: wish(8), past: always(1), windows: five }, '8'],
    ['holds when nothing is known', { vote: wish(1), windows: five }, '4 by stabilization'],
    [
      'holds while it reaches further back than what is known',
      { vote: wish(1), past: pastVotes(290, () => [wish(1)]), windows: five },
      '4 by stabilization',
    ],
    ['ends once it is covered', { vote: wish(1), past: pastVotes(295, () => [wish(1)]), windows: five }, '1'],
    ['needs no history when it is no longer than a tick', { vote: wish(1), windows: { out: 0, in: 5 } }, '1'],
    [
      'looks at the same policy only',
      { vote: wish(1), past: pastVotes(400, () => [wish(9, { policy: 'other' }), wish(1)]), windows: five },
      '1',
    ],
    ['is not held by a short silence', { vote: wish(1), past: lostFor(100, 80), windows: five }, '1'],
    [
      'holds when nothing was known for long inside it',
      { vote: wish(1), past: lostFor(100, 50), windows: five },
      '4 by stabilization',
    ],
    [
      'holds after a long silence that has just ended',
      { vote: wish(1), past: lostFor(350, 0), windows: five },
      '4 by stabilization',
    ],
    [
      'holds for a policy that is new',
      { vote: wish(1), past: pastVotes(400, () => []), windows: five },
      '4 by stabilization',
    ],
  ])('%s', (_, row, expected) => {
    expect(count(row)).toBe(expected);
  });

  it('holds for its length after any change of the count, and says so', () => {
    const row = { windows: five, past: always(1), changedSecondsAgo: 120 };
    expect(countVote(wish(1), ballot(row)).held).toEqual({
      by: 'stabilization',
      because: 'the count changed 120 s ago, within the last 300 s',
      untilMs: NOW_MS + 180_000,
    });
    expect(count({ ...row, vote: wish(1), changedSecondsAgo: 300 })).toBe('1');
  });

  it('says why it holds and until when', () => {
    const counted = countVote(wish(1), ballot({ windows: five, past: onceAt(200, 4) }));
    expect(counted.held).toEqual({
      by: 'stabilization',
      because: '4.00 was asked for 200 s ago, within the last 300 s',
      untilMs: NOW_MS + 100_000,
    });
  });

  it('says until when it does not know enough', () => {
    const past = [decisionOf(100, { votes: [{ vote: wish(1), target: 4 }] })];
    const counted = countVote(wish(1), ballot({ windows: five, past }));
    expect(counted.held).toEqual({
      by: 'stabilization',
      because: 'votes of the last 300 s are not all known',
      untilMs: expect.any(Number),
    });
  });
});

describe('a steep fall', () => {
  const steepFall = { part: 0.25, seconds: 120 };
  const busyUntil = (ago: number) => pastVotes(400, (at) => [wish(at > ago ? 16 : 3)]);
  const row = { windows: five, current: 16, steepFall };
  it.each<[string, Row, string]>([
    ['needs its own window only', { ...row, vote: wish(3), past: busyUntil(130) }, '3'],
    ['needs all of that', { ...row, vote: wish(3), past: busyUntil(110) }, '16 by stabilization'],
    [
      'is none when it is not steep enough',
      { ...row, current: 11, vote: wish(3), past: busyUntil(130) },
      '11 by stabilization',
    ],
    [
      'waits as long after a change',
      { ...row, vote: wish(3), past: busyUntil(130), changedSecondsAgo: 119 },
      '16 by stabilization',
    ],
    ['ends that wait', { ...row, vote: wish(3), past: busyUntil(130), changedSecondsAgo: 120 }, '3'],
  ])('%s', (_, given, expected) => {
    expect(count(given)).toBe(expected);
  });
});

it('is not held by a change that lies far ahead: the clock was set back', () => {
  const row = { windows: five, past: always(1), vote: wish(1) };
  expect(count({ ...row, changedSecondsAgo: -3_600 })).toBe('1');
});
