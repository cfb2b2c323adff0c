import { expect, it } from 'vitest';
import { backlog } from '../values/group-settings.test-support.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import type { CountedVote } from '../values/vote.ts';
import { combine } from './combine.ts';
import { counted, silent } from './decision.test-support.ts';

const abstains = silent();

it.each<[string, readonly (number | CountedVote)[], number, number, number, number]>([
  // targets (current is 4), then max, any, all, weighted
  ['one wants out, one in', [6, 4, 3], 6, 6, 4, 5],
  ['one wants in', [4, 3], 4, 3, 4, 4],
  ['both want out', [6, 8], 8, 8, 6, 7],
  ['both want in', [1, 2], 2, 2, 2, 2],
  ['none wants a change', [4, 4], 4, 4, 4, 4],
  ['one alone wants out', [9], 9, 9, 9, 9],
  ['one alone wants nothing', [0], 0, 0, 0, 0],
  ['one abstains, one wants out', [abstains, 9], 9, 9, 9, 9],
  ['one abstains, one wants in', [abstains, 2], 2, 2, 2, 2],
  ['all abstain', [abstains, silent('memory')], 4, 4, 4, 4],
])('%s', (_, votes, max, any, all, weighted) => {
  const given = votes.map((vote, i) => (typeof vote === 'number' ? counted(vote, `p${i}`) : vote));
  const by = (how: GroupSettings['combine']) => combine(given, { combine: how, policies: [] }, 4);
  expect([by('max'), by('any'), by('all'), by('weighted')]).toEqual([max, any, all, weighted]);
});

it.each([
  ['three to one', 3, 1, 7],
  ['one to three', 1, 3, 5],
  ['a weight of nothing', 1, 0, 8],
  ['rounds towards more', 2, 1, 7],
])('weighs 8 and 4: %s', (_, first, second, target) => {
  const policies = [backlog({ name: 'a', weight: first }), backlog({ name: 'b', weight: second })];
  expect(combine([counted(8, 'a'), counted(4, 'b')], { combine: 'weighted', policies }, 5)).toBe(target);
});

it('goes further in with `any` when a policy stops asking for less: its one law that does not hold', () => {
  const by = (first: number) =>
    combine([counted(first, 'a'), counted(1, 'b')], { combine: 'any', policies: [] }, 4);
  expect([by(3), by(4), by(5)]).toEqual([3, 1, 5]);
});
