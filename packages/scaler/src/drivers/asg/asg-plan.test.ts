import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AutoScalingGroup, GroupInstance } from '../../aws/auto-scaling-api.ts';
import { asgPlan } from './asg-plan.ts';

function instance(id: string, fields: Partial<GroupInstance> = {}): GroupInstance {
  return { id, lifecycle: 'InService', healthy: true, protectedFromScaleIn: false, ...fields };
}

function group(
  instances: readonly GroupInstance[],
  fields: Partial<AutoScalingGroup> = {},
): AutoScalingGroup {
  return {
    name: 'asg',
    minSize: 0,
    maxSize: 10,
    desired: instances.length,
    protectsNew: false,
    instances,
    suspended: new Map(),
    ...fields,
  };
}

const abc = ['a', 'b', 'c'].map((id) => instance(id));
const order = (desired: number, ...remove: readonly string[]) => ({
  group: 'g',
  desired,
  launch: [],
  remove,
});
const ends = (decrement: boolean, ...ids: readonly string[]) => ids.map((id) => ({ id, decrement }));

it.each([
  ['out', group(abc), order(5), { end: [], after: 3, target: 5 }],
  ['in by the chosen one', group(abc), order(2, 'b'), { end: ends(true, 'b'), after: 2, target: 2 }],
  ['replaced', group(abc), order(3, 'b'), { end: ends(false, 'b'), after: 3, target: 3 }],
  ['replaced, and one more', group(abc), order(4, 'b'), { end: ends(false, 'b'), after: 3, target: 4 }],
  ['to none', group(abc), order(0, 'a', 'b', 'c'), { end: ends(true, 'a', 'b', 'c'), after: 0, target: 0 }],
  [
    'an order that was carried out',
    group([instance('a', { lifecycle: 'Terminating:Wait' }), instance('b')], { desired: 1 }),
    order(1, 'a', 'never-was'),
    { end: [], after: 1, target: 1 },
  ],
  ['a count below what is left', group(abc), order(1, 'a'), { end: ends(true, 'a'), after: 2, target: 2 }],
  ['above MaxSize', group(abc, { maxSize: 4 }), order(7), { end: [], target: 4, wanted: 7 }],
  [
    'below MinSize',
    group(abc, { minSize: 2 }),
    order(0, 'a', 'b', 'c'),
    { end: ends(true, 'a'), after: 2, target: 2, wanted: 0, survivors: 2 },
  ],
  [
    'at MinSize',
    group([instance('a')], { minSize: 1 }),
    order(0, 'a'),
    { end: [], after: 1, target: 1, survivors: 1 },
  ],
  [
    'below MinSize while AWS is about to end one of its own choice',
    group(abc, { minSize: 2, desired: 2 }),
    order(0, 'b', 'c'),
    { end: ends(false, 'b'), after: 2, target: 2, survivors: 2 },
  ],
  [
    'launches that never came, with a removal',
    group(abc, { desired: 6 }),
    order(2, 'a'),
    { end: ends(true, 'a'), after: 5, target: 2 },
  ],
  [
    'one that somebody protected',
    group([instance('a', { protectedFromScaleIn: true }), instance('b')]),
    order(0, 'a', 'b'),
    { end: ends(true, 'b'), after: 1, target: 1, kept: ['a'] },
  ],
  [
    'one that is protected like all',
    group([instance('a', { protectedFromScaleIn: true })], { protectsNew: true }),
    order(0, 'a'),
    { end: ends(true, 'a'), after: 0, target: 0, kept: [] },
  ],
  [
    'out beside one in standby, which counts for nothing',
    group([instance('a', { lifecycle: 'Standby' }), instance('b')], { desired: 1 }),
    order(2),
    { end: [], after: 1, target: 2 },
  ],
])('plans %s', (_name, state, ordered, plan) => {
  expect(asgPlan(state, ordered)).toMatchObject(plan);
});

const anyGroup = fc
  .record({
    living: fc.integer({ min: 0, max: 6 }),
    desired: fc.integer({ min: 0, max: 8 }),
    minSize: fc.integer({ min: 0, max: 4 }),
    room: fc.integer({ min: 0, max: 6 }),
  })
  .map(({ living, desired, minSize, room }) =>
    group(
      Array.from({ length: living }, (_, index) => instance(`i${index}`)),
      {
        minSize,
        maxSize: minSize + room,
        desired: Math.min(minSize + room, Math.max(minSize, desired)),
      },
    ),
  );
const anyOrder = fc
  .record({
    desired: fc.integer({ min: 0, max: 12 }),
    remove: fc.uniqueArray(fc.integer({ min: 0, max: 8 }).map((index) => `i${index}`)),
  })
  .map(({ desired, remove }) => order(desired, ...remove));

it('ends nothing but what was ordered, asks for nothing outside MinSize to MaxSize, and leaves AWS no victim to choose', () => {
  fc.assert(
    fc.property(anyGroup, anyOrder, (state, ordered) => {
      const { end, target, after, survivors } = asgPlan(state, ordered);
      const decremented = end.filter(({ decrement }) => decrement).length;
      expect(end.every(({ id }) => ordered.remove.includes(id))).toBe(true);
      expect(target).toBeGreaterThanOrEqual(state.minSize);
      expect(target).toBeLessThanOrEqual(state.maxSize);
      expect(after).toBe(state.desired - decremented);
      expect(after).toBeGreaterThanOrEqual(state.minSize);
      // Only a MaxSize that was lowered below what runs makes AWS choose.
      if (state.maxSize >= survivors) expect(target).toBeGreaterThanOrEqual(survivors);
    }),
    { numRuns: 2_000 },
  );
});
