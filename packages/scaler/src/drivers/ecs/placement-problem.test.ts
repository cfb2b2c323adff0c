import { expect, it } from 'vitest';
import { placementProblem } from './placement-problem.ts';

const at = (atMs: number, message: string) => ({ atMs, message: `(service cpu) ${message}` });
const noRoom =
  'was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster.';
const nowMs = 3_600_000;

it.each([
  ['nothing', [], undefined],
  ['that there is no room', [at(nowMs - 1_000, noRoom)], noRoom],
  [
    'that it is full, then other things',
    [at(nowMs - 1_000, 'registered 1 targets'), at(nowMs - 2_000, noRoom)],
    noRoom,
  ],
  [
    'that it is full, then that it started tasks',
    [at(nowMs - 60_000, noRoom), at(nowMs, 'has started 1 tasks: (task 0af3).')],
    undefined,
  ],
  [
    'that it was full, steady since',
    [at(nowMs, 'has reached a steady state.'), at(nowMs - 9, noRoom)],
    undefined,
  ],
  ['that it is full, long ago', [at(0, noRoom)], undefined],
  [
    'that tasks do not stay up',
    [at(nowMs, 'is unable to consistently start tasks successfully.')],
    'is unable to consistently start tasks successfully.',
  ],
])('of a service that says %s', (_, events, problem) => {
  expect(placementProblem({ events }, nowMs)).toBe(problem && `(service cpu) ${problem}`);
});
