import type { GroupSettings } from '../values/group-settings.ts';
import type { CountedVote } from '../values/vote.ts';
import { roundUp } from './round-up.ts';

/**
 * One count from several policies. Those that abstain don't count; when all do, `current` stays.
 *
 * - `max`: the largest target: out when one wants out, in only as far as all agree (as HPA, KEDA and AWS do).
 * - `any`: out when one wants out, to the largest; else in when one wants in, by the smallest step.
 * - `all`: out or in only when all want it, by the smallest step.
 * - `weighted`: the mean of targets by weight, rounded towards more replicas.
 *
 * With current 4 and targets 6, 4 and 3: `max` 6, `any` 6, `all` 4, `weighted` (equal weights) 5; with 4 and 3: 4, 3, 4, 4.
 */
export function combine(
  votes: readonly CountedVote[],
  { combine: how, policies }: Pick<GroupSettings, 'combine' | 'policies'>,
  current: number,
): number {
  const voting = votes.filter(({ vote }) => vote.kind === 'wants');
  if (voting.length === 0) return current;
  const targets = voting.map(({ target }) => target);
  const out = targets.filter((target) => target > current);
  const inward = targets.filter((target) => target < current);
  switch (how) {
    case 'max':
      return Math.max(...targets);
    case 'any':
      if (out.length > 0) return Math.max(...out);
      return inward.length > 0 ? Math.max(...inward) : current;
    case 'all':
      if (out.length === targets.length) return Math.min(...out);
      return inward.length === targets.length ? Math.max(...inward) : current;
    case 'weighted': {
      const weights = voting.map(
        ({ vote }) => policies.find(({ name }) => name === vote.policy)?.weight ?? 1,
      );
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return roundUp(targets.reduce((total, target, i) => total + target * (weights[i] ?? 1), 0) / sum);
    }
  }
}
