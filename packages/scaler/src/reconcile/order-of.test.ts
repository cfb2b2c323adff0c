import { expect, it } from 'vitest';
import { NOW_MS } from '../decide/decision.test-support.ts';
import type { ScaleOrder } from '../drivers/driver.ts';
import type { StoredReplica } from '../store/store.ts';
import { type Outstanding, orderOf } from './order-of.ts';
import {
  draining,
  launched,
  leaving,
  observed,
  ready,
  starting,
  terminating,
} from './replica.test-support.ts';

const named = { namesReplicas: true, choosesRemoved: true };
const chosen = { namesReplicas: false, choosesRemoved: true };
const countedOnly = { namesReplicas: false, choosesRemoved: false };
const a = ready('a');

const broken = terminating(ready('b'));
const didFail: StoredReplica = {
  ...broken,
  state: { kind: 'terminating', sinceMs: NOW_MS, cause: 'failed', because: 'it failed' },
};

it.each<[string, StoredReplica, number, string, readonly string[] | undefined]>([
  ['of which another would come', didFail, 2, 'a b', undefined],
  ['unless there are too many', didFail, 1, 'a b', ['b']],
  ['but others', broken, 2, 'a b', ['b']],
])('ends none that failed while launches are held, %s', (_, row, target, ids, remove) => {
  const list = ids.split(' ').map((id) => observed(id));
  const given = { group: 'cpu', ...chosen, rows: [a, row], target, observed: list };
  expect(orderOf({ ...given, launchesHeld: true })?.remove).toEqual(remove);
  expect(orderOf({ ...given, launchesHeld: false })?.remove).toEqual(['b']);
});

const left = leaving('l');
const rolled = (...ids: readonly string[]) =>
  ids.map((id) => observed(id, 'ready', { replaced: id !== 'a' }));

it.each<[string, Pick<Outstanding, 'rows' | 'target' | 'observed'>, Partial<ScaleOrder> | undefined]>([
  ['one that leaves', { rows: [a, left], target: 1, observed: rolled('a', 'l') }, undefined],
  ['more beside it', { rows: [a, left], target: 3, observed: rolled('a', 'l') }, { desired: 3 }],
  ['one that only drains', { rows: [a, draining('d')], target: 1, observed: rolled('a', 'd') }, undefined],
  [
    'one that ends',
    { rows: [a, terminating(left)], target: 1, observed: rolled('a', 'l') },
    { desired: 1, remove: ['l'] },
  ],
])('orders no other for what the platform replaces by itself: %s', (_, given, expected) => {
  const order = orderOf({ group: 'cpu', ...chosen, launchesHeld: false, ...given });
  expect(order).toEqual(expected && { group: 'cpu', launch: [], remove: [], ...expected });
});

it.each<
  [
    string,
    Pick<Outstanding, 'namesReplicas' | 'choosesRemoved' | 'rows' | 'target'>,
    string,
    Partial<ScaleOrder> | undefined,
  ]
>([
  ['names: nothing to do', { ...named, rows: [a], target: 1 }, 'a', undefined],
  ['names: a launch', { ...named, rows: [a, launched('b')], target: 2 }, 'a', { desired: 2, launch: ['b'] }],
  ['names: a launch that came already', { ...named, rows: [a, launched('b')], target: 2 }, 'a b', undefined],
  [
    'names: an end',
    { ...named, rows: [a, terminating(ready('b'))], target: 1 },
    'a b',
    { desired: 1, remove: ['b'] },
  ],
  [
    'names: an end that came already',
    { ...named, rows: [a, terminating(ready('b'))], target: 1 },
    'a',
    undefined,
  ],
  [
    'names: a launch that was called off',
    { ...named, rows: [a, terminating(launched('b'))], target: 1 },
    'a',
    undefined,
  ],
  [
    'names: a draining one still exists',
    { ...named, rows: [a, draining('b'), launched('c')], target: 2 },
    'a b',
    { desired: 3, launch: ['c'] },
  ],
  [
    'names: a replacement',
    { ...named, rows: [terminating(starting('a')), launched('b')], target: 1 },
    'a',
    { desired: 1, launch: ['b'], remove: ['a'] },
  ],
  ['chooses: nothing to do', { ...chosen, rows: [a], target: 1 }, 'a', undefined],
  ['chooses: more', { ...chosen, rows: [a], target: 3 }, 'a', { desired: 3 }],
  ['chooses: a draining one is kept', { ...chosen, rows: [a, draining('b')], target: 1 }, 'a b', undefined],
  [
    'chooses: an end',
    { ...chosen, rows: [a, terminating(ready('b'))], target: 1 },
    'a b',
    { desired: 1, remove: ['b'] },
  ],
  ['counts: nothing to do', { ...countedOnly, rows: [a], target: 1 }, 'a', undefined],
  ['counts: more', { ...countedOnly, rows: [a], target: 3 }, 'a', { desired: 3 }],
  ['counts: fewer', { ...countedOnly, rows: [a, ready('b')], target: 1 }, 'a b', { desired: 1 }],
  [
    'counts: a failed one is a wish',
    { ...countedOnly, rows: [a, terminating(ready('b'))], target: 2 },
    'a b',
    { desired: 2, remove: ['b'] },
  ],
])('%s', (_, given, ids, expected) => {
  const list = ids.split(' ').map((id) => observed(id));
  const order = orderOf({ group: 'cpu', observed: list, launchesHeld: false, ...given });
  expect(order).toEqual(expected && { group: 'cpu', launch: [], remove: [], ...expected });
});
