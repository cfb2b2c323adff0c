import { expect, it } from 'vitest';
import { nodeOf, taskOf } from './engine-values.test-support.ts';
import { toReplica } from './to-replica.ts';

const url = { port: 8080, path: '/p' };
const see = (task: Parameters<typeof taskOf>[0], more: Partial<Parameters<typeof toReplica>[1]> = {}) =>
  toReplica(taskOf(task), { service: 'embed_djl-cpu', node: nodeOf(), url, isInReach: true, ...more });

it('says of a task whose Engine is not known that nothing can end it', () => {
  expect([see({}).outOfReach, see({}, { isInReach: false }).outOfReach]).toEqual([undefined, true]);
});

it('names a task as Docker names its container', () => {
  expect(see({ ID: 'k2j3', Slot: 3 })).toEqual({
    id: 'embed_djl-cpu.3.k2j3',
    url: 'http://10.0.1.7:8080/p',
    state: 'ready',
    machine: 'n1',
    launchedAtMs: Date.parse('2027-01-15T08:00:00.123Z'),
  });
});

it.each([
  ['new', 'starting'],
  ['allocated', 'starting'],
  ['pending', 'starting'],
  ['assigned', 'starting'],
  ['accepted', 'starting'],
  ['preparing', 'starting'],
  ['ready', 'starting'],
  ['starting', 'starting'],
  ['running', 'ready'],
  ['complete', 'failed'],
  ['shutdown', 'failed'],
  ['failed', 'failed'],
  ['rejected', 'failed'],
  ['remove', 'failed'],
  ['orphaned', 'failed'],
] as const)('takes a task that is %s for %s', (State, state) => {
  expect(see({ Status: { State } }).state).toBe(state);
});

it.each([
  ['ready', 'ready'],
  ['unknown', 'ready'],
  ['down', 'unhealthy'],
  ['disconnected', 'unhealthy'],
])('takes a running task of a node that is %s for %s', (State, state) => {
  expect(see({}, { node: nodeOf({ Status: { State } }) }).state).toBe(state);
});

it.each([
  ['why it ended', { Status: { State: 'rejected', Err: 'No such image' } }, {}, 'rejected: No such image'],
  [
    'what Swarm said last, when it gives no reason',
    { Status: { State: 'complete', Message: 'finished' } },
    {},
    'complete: finished',
  ],
  [
    'why the one before it failed',
    { Status: { State: 'preparing' } },
    { earlierFailure: 'exit 3' },
    'the one before it failed: exit 3',
  ],
  ['nothing while it starts', { Status: { State: 'preparing' } }, {}, undefined],
  ['nothing of an earlier failure once it runs', {}, { earlierFailure: 'exit 3' }, undefined],
])('notes %s', (_, task, more, note) => {
  expect(see(task, more).note).toBe(note);
});

it('says what to set when a running task has no address', () => {
  const replica = see({ NetworksAttachments: [] });
  expect(replica).not.toHaveProperty('url');
  expect(replica.note).toContain('set drivers.swarm.url');
});

it('says that a drained node lets it go', () => {
  const node = nodeOf({ Spec: { Availability: 'drain' } });
  expect(see({}, { node }).leaving).toEqual({ because: 'node host-n1 is drained' });
});
