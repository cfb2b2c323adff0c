import { expect, it } from 'vitest';
import { NOW_MS } from '../decide/decision.test-support.ts';
import { backlog, groupSettings, queuedWorkPolicy } from '../values/group-settings.test-support.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import { type PeerView, peersOf } from './peers-of.ts';
import { draining, launched, ready, starting, terminating } from './replica.test-support.ts';

const sharing = { policies: [queuedWorkPolicy()] };

function view(settings: Partial<GroupSettings>, given: Partial<PeerView> = {}): PeerView {
  return {
    settings: groupSettings(settings),
    rows: [],
    desired: 2,
    samples: {},
    chunksPerSecond: settings.chunksPerSecond ?? 10,
    startupSeconds: 60,
    ...given,
  };
}

const own = view(sharing);

it.each<[string, Partial<PeerView>, object]>([
  ['what it is told to be', { desired: 5 }, { current: 5 }],
  ['what it is, before it is told', { desired: undefined, rows: [ready('a')] }, { current: 1, ready: 1 }],
  [
    'what is ready and when the rest will be',
    { rows: [ready('a'), starting('b', 20), launched('c', 70)] },
    { ready: 1, readyInSeconds: [40, -10] },
  ],
  [
    'none of those that drain or end',
    { rows: [draining('a'), terminating(ready('b')), terminating(starting('c'))] },
    {},
  ],
  ['the speed that it plans with itself', { chunksPerSecond: 12 }, { chunksPerSecond: 12 }],
])('sees of another group %s', (_, given, expected) => {
  const other = view({ ...sharing, min: 1, max: 7, chunksPerSecond: 30, pricePerHour: 2 }, given);
  expect(peersOf(own, [own, other], NOW_MS)).toEqual([
    {
      group: 'cpu',
      current: 2,
      min: 1,
      max: 7,
      chunksPerSecond: 30,
      pricePerHour: 2,
      ready: 0,
      readyInSeconds: [],
      ...expected,
    },
  ]);
});

it.each([
  ['a group that does not share', own, view({ policies: [backlog()] })],
  ['anybody, when it does not share itself', view({ policies: [backlog()] }), own],
])('does not see %s', (_, self, other) => {
  expect(peersOf(self, [self, other], NOW_MS)).toEqual([]);
});
