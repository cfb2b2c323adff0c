import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pod } from './api-objects.ts';
import { pod } from './pod.test-support.ts';
import { FIRST_TO_GO, type RemovalSteps, removalSteps } from './removal-steps.ts';

const named = (name: string, parts: Parameters<typeof pod>[0] = {}) => pod({ name, uid: name, ...parts });
const namesOf = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name);
const namesIn = (steps: RemovalSteps) => ({
  mark: namesOf(steps.mark),
  unmark: namesOf(steps.unmark),
  replicas: steps.replicas,
  remove: namesOf(steps.remove),
});
const steps = (desired: number, remove: readonly string[], pods: readonly Pod[], replicas: number) =>
  namesIn(stepsOf({ desired, remove }, pods, replicas));

const stepsOf = (
  order: { readonly desired: number; readonly remove: readonly string[] },
  pods: readonly Pod[],
  replicas: number,
  outdated: readonly Pod[] = [],
) => removalSteps(order, { pods, outdated, replicas, heedsCosts: true });

const NONE = { mark: [], unmark: [], replicas: undefined, remove: [] };
const [a, b, c] = [named('a'), named('b'), named('c')];
const markedA = named('a', { cost: FIRST_TO_GO });
const failedA = named('a', { status: { phase: 'Failed' } });

describe('removalSteps', () => {
  it.each([
    ['nothing to do', steps(2, [], [a, b], 2), NONE],
    ['more', steps(5, [], [a, b], 2), { ...NONE, replicas: 5 }],
    ['fewer: mark, then count', steps(2, ['a'], [a, b, c], 3), { ...NONE, mark: ['a'], replicas: 2 }],
    ['still at work', steps(2, ['a'], [markedA, b, c], 2), NONE],
    ['count reached, one left', steps(2, ['a'], [markedA, b], 2), { ...NONE, remove: ['a'] }],
    ['the same count', steps(2, ['a'], [a, b], 2), { ...NONE, mark: ['a'], remove: ['a'] }],
    ['more, and one to go', steps(3, ['a'], [a, b], 2), { ...NONE, mark: ['a'], replicas: 3, remove: ['a'] }],
    ['taken back', steps(2, [], [markedA, b], 2), { ...NONE, unmark: ['a'] }],
    ['a cost of others', steps(2, [], [named('a', { cost: '-5' }), b], 2), NONE],
    ['gone already', steps(1, ['a', 'z'], [named('a', { deleted: true }), b], 1), NONE],
    [
      'a corpse, whatever the count',
      steps(1, ['a'], [failedA, b, c], 2),
      { ...NONE, replicas: 1, remove: ['a'] },
    ],
    ['none at all', steps(0, ['a', 'b'], [a, b], 2), { ...NONE, mark: ['a', 'b'], replicas: 0 }],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });

  it('marks nobody where costs are not heeded', () => {
    expect(
      namesIn(
        removalSteps(
          { desired: 1, remove: ['a'] },
          { pods: [a, markedA], outdated: [], replicas: 2, heedsCosts: false },
        ),
      ),
    ).toEqual({
      ...NONE,
      replicas: 1,
    });
  });

  it('only marks one that a rollout ends, but takes a corpse of it', () => {
    const order = { desired: 2, remove: ['a'] };
    expect(namesIn(stepsOf(order, [a, b], 2, [a]))).toEqual({ ...NONE, mark: ['a'] });
    expect(namesIn(stepsOf(order, [failedA, b, c], 2, [failedA]))).toEqual({ ...NONE, remove: ['a'] });
  });

  it('comes to rest with the ordered count and none of those that were to go, whoever the controller ends first', () => {
    const order = fc.record({
      pods: fc.integer({ min: 0, max: 8 }),
      desired: fc.integer({ min: 0, max: 8 }),
      doomed: fc.array(fc.integer({ min: 0, max: 9 })),
      heeds: fc.boolean(),
    });
    fc.assert(
      fc.property(order, ({ pods: count, desired, doomed, heeds }) => {
        let pods = Array.from({ length: count }, (_, i) => named(`p${i}`));
        let replicas = count;
        let made = 0;
        const remove = doomed.map((i) => `p${i}`);
        for (let round = 0; round < 4; round += 1) {
          const step = stepsOf({ desired, remove }, pods, replicas);
          replicas = step.replicas ?? replicas;
          const marked = namesOf(step.mark);
          pods = pods
            .filter((each) => !step.remove.includes(each))
            .map((each) =>
              marked.includes(each.metadata.name) ? named(each.metadata.name, { cost: FIRST_TO_GO }) : each,
            );
          // A controller that heeds costs, or whose watch hasn't shown it the costs yet.
          if (heeds) pods = pods.toSorted((x, y) => Number(isMarked(y)) - Number(isMarked(x)));
          pods = pods.slice(Math.max(0, pods.length - replicas));
          while (pods.length < replicas) pods = [...pods, named(`new${made++}`)];
        }
        expect(pods.length).toBe(desired);
        expect(namesOf(pods).filter((name) => remove.includes(name))).toEqual([]);
        expect(namesIn(stepsOf({ desired, remove }, pods, replicas))).toEqual(NONE);
      }),
    );
  });

  it('ends no other pod, however late the controller is and however often the order comes', () => {
    const schedule = fc.record({
      kept: fc.integer({ min: 0, max: 6 }),
      doomed: fc.integer({ min: 0, max: 6 }),
      replaced: fc.integer({ min: 0, max: 6 }),
      turns: fc.array(fc.constantFrom('driver', 'controller'), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(schedule, ({ kept, doomed, replaced, turns }) => {
        const keptNames = Array.from({ length: kept }, (_, i) => `kept${i}`);
        const remove = Array.from({ length: doomed }, (_, i) => `doomed${i}`);
        const desired = kept + Math.min(replaced, doomed);
        let replicas = kept + doomed;
        let made = 0;
        let pods = [...keptNames, ...remove].map((name) => named(name));
        for (const turn of ['driver', ...turns]) {
          if (turn === 'driver') {
            const step = stepsOf({ desired, remove }, pods, replicas);
            replicas = step.replicas ?? replicas;
            const marked = namesOf(step.mark);
            pods = pods
              .filter((each) => !step.remove.includes(each))
              .map((each) =>
                marked.includes(each.metadata.name) ? named(each.metadata.name, { cost: FIRST_TO_GO }) : each,
              );
            // One at a time: it is never as quick as the driver.
          } else if (pods.length > replicas) {
            const [first] = pods.toSorted((x, y) => Number(isMarked(y)) - Number(isMarked(x)));
            pods = pods.filter((each) => each !== first);
          } else if (pods.length < replicas) pods = [...pods, named(`new${made++}`)];
          expect(namesOf(pods)).toEqual(expect.arrayContaining(keptNames));
        }
      }),
    );
  });
});

function isMarked({ metadata }: Pod): boolean {
  return metadata.annotations !== undefined;
}
