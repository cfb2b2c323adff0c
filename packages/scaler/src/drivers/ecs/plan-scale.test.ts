import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CountedTask, planScale } from './plan-scale.ts';

const task = (id: string, change: Partial<CountedTask> = {}): CountedTask => ({
  arn: id,
  id,
  counted: true,
  ready: true,
  replaced: false,
  createdAtMs: 0,
  ...change,
});
const four = ['a', 'b', 'c', 'd'].map((id) => task(id));

it.each([
  ['more', { desired: 6, remove: [] }, four, { desired: 6, protect: [], release: [], stops: 0 }],
  [
    'one less',
    { desired: 3, remove: ['b'] },
    four,
    { desired: 3, protect: ['a', 'c', 'd'], release: ['b'], stops: 0 },
  ],
  [
    'one replaced',
    { desired: 4, remove: ['b'] },
    four,
    { desired: 4, protect: [], release: ['b'], stops: 1 },
  ],
  [
    'one less, one replaced',
    { desired: 3, remove: ['b', 'c'] },
    four,
    { desired: 3, protect: ['a', 'd'], release: ['b', 'c'], stops: 1 },
  ],
  [
    'none, of tasks that are gone',
    { desired: 0, remove: ['x'] },
    [],
    { desired: 0, protect: [], release: [], stops: 0 },
  ],
  [
    'less than what is named: the youngest that starts goes first',
    { desired: 2, remove: [] },
    [task('a', { createdAtMs: 2 }), task('b', { createdAtMs: 1 }), task('c', { ready: false })],
    { desired: 2, protect: ['b', 'a'], release: [], stops: 0 },
  ],
  [
    'what leaves beside what is wanted',
    { desired: 4, remove: [] },
    [...four.slice(0, 3), task('d', { counted: false, replaced: true })],
    { desired: 3, protect: [], release: [], stops: 0 },
  ],
  [
    'one less while an unhealthy one is replaced',
    { desired: 3, remove: ['a'] },
    [...four, task('e', { replaced: true })],
    { desired: 2, protect: ['b', 'c'], release: ['a'], stops: 0 },
  ],
])('plans %s', (_, order, tasks, expected) => {
  expect(planScale(order, tasks, true)).toEqual(expected);
});

it('takes the count as it is, and protects nothing, where ECS chooses', () => {
  const leaving = task('e', { counted: false, replaced: true });
  expect(planScale({ desired: 3, remove: ['b'] }, [...four, leaving], false)).toEqual({
    desired: 3,
    protect: [],
    release: ['b'],
    stops: 0,
  });
});

it('never protects what is to go, nor more than is wanted, and leaves ECS enough to take', () => {
  const tasks = fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 30 }).map(String),
      counted: fc.boolean(),
      ready: fc.boolean(),
      replaced: fc.boolean(),
      createdAtMs: fc.nat(5),
    }),
    { selector: ({ id }) => id },
  );
  const order = fc.record({
    desired: fc.nat(30),
    remove: fc.array(fc.integer({ min: 0, max: 30 }).map(String)),
  });
  fc.assert(
    fc.property(tasks, order, (some, { desired, remove }) => {
      const all = some.map((each) => ({ ...each, arn: each.id }));
      const plan = planScale({ desired, remove }, all, true);
      const counted = all.filter((each) => each.counted).length;
      expect(plan.desired).toBeLessThanOrEqual(desired);
      expect(plan.protect.length).toBeLessThanOrEqual(plan.desired);
      expect(plan.protect.filter((arn) => remove.includes(arn))).toEqual([]);
      expect(plan.stops).toBeLessThanOrEqual(plan.release.length);
      // What ECS takes by the count and what is stopped by hand make all that is to go.
      expect(Math.max(0, counted - plan.desired) + plan.stops).toBeGreaterThanOrEqual(plan.release.length);
    }),
  );
});
