import type { Decision } from '../values/decision.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import type { CountedVote, Vote } from '../values/vote.ts';
import { longestGapMs } from './longest-gap.ts';
import { roundUp } from './round-up.ts';

/** What a vote is counted against. */
export interface Ballot {
  readonly nowMs: number;
  readonly current: number;
  readonly settings: Pick<GroupSettings, 'stabilizationSeconds' | 'intervalSeconds'>;
  /** Earlier decisions of the group without a gap, oldest first. */
  readonly past: readonly Decision[];
}

/** Applies windows and tolerance: out for the smallest vote of the out window, in for the largest order of the in window. */
export function countVote(vote: Vote, ballot: Ballot): CountedVote {
  const { current, nowMs, settings } = ballot;
  if (vote.kind === 'abstains') return { vote, target: current };
  const outOrder = smallest(vote, ballot);
  if (outOrder.replicas > current * (1 + vote.tolerance.out) && roundUp(outOrder.order) > current) {
    return { vote, target: roundUp(outOrder.order) };
  }
  if (roundUp(vote.order) > current) {
    const within = vote.replicas <= current * (1 + vote.tolerance.out);
    const because = within
      ? `${vote.replicas.toFixed(2)} is within ${percent(vote.tolerance.out)} of ${current}`
      : `the smallest vote of the last ${settings.stabilizationSeconds.out} s was ${outOrder.replicas.toFixed(2)}`;
    return { vote, target: current, held: { by: within ? 'tolerance' : 'stabilization', because } };
  }
  if (roundUp(vote.order) === current) return { vote, target: current };
  if (vote.order > current * (1 - vote.tolerance.in)) {
    const because = `${vote.order.toFixed(2)} is within ${percent(vote.tolerance.in)} of ${current}`;
    return { vote, target: current, held: { by: 'tolerance', because } };
  }
  const window = settings.stabilizationSeconds.in;
  const largest = largestOrder(vote, ballot);
  const target = Math.min(current, roundUp(largest.order));
  if (target < current && largest.order <= current * (1 - vote.tolerance.in)) return { vote, target };
  const untilMs = largest.atMs + window * 1_000;
  const because =
    largest.order === Infinity
      ? `votes of the last ${window} s are not all known`
      : `${largest.order.toFixed(2)} was asked for ${((nowMs - largest.atMs) / 1_000).toFixed(0)} s ago, within the last ${window} s`;
  return { vote, target: current, held: { by: 'stabilization', because, untilMs } };
}

type Wants = Extract<Vote, { kind: 'wants' }>;

function smallest(
  vote: Wants,
  { nowMs, current, settings, past }: Ballot,
): Pick<Wants, 'replicas' | 'order'> {
  let { replicas, order } = vote;
  // The first replica is wanted by somebody who waits: no window holds it.
  if (current === 0) return { replicas, order };
  const sinceMs = nowMs - settings.stabilizationSeconds.out * 1_000;
  for (let i = past.length - 1; i >= 0; i -= 1) {
    // `as` holds: the loop stays inside the list.
    const decision = past[i] as Decision;
    if (decision.decidedAtMs <= sinceMs) break;
    const earlier = voteIn(decision.votes, vote.policy);
    if (earlier === undefined) continue;
    replicas = Math.min(replicas, earlier.replicas);
    order = Math.min(order, earlier.order);
  }
  return { replicas, order };
}

/**
 * The largest order of the in window and when it was; infinite while the window reaches back further than what is known of this policy,
 * which begins anew after a long silence.
 */
function largestOrder(vote: Wants, { nowMs, settings, past }: Ballot): { order: number; atMs: number } {
  const windowMs = settings.stabilizationSeconds.in * 1_000;
  let largest = { order: vote.order, atMs: nowMs };
  if (windowMs === 0) return largest;
  const sinceMs = nowMs - windowMs;
  const longestMs = longestGapMs(settings.intervalSeconds);
  let knownSinceMs = nowMs;
  for (let i = past.length - 1; i >= 0 && knownSinceMs > sinceMs; i -= 1) {
    const { decidedAtMs, votes } = past[i] as Decision; // as above
    if (knownSinceMs - decidedAtMs > longestMs) break;
    const earlier = voteIn(votes, vote.policy);
    if (earlier === undefined) continue;
    knownSinceMs = decidedAtMs;
    if (decidedAtMs > sinceMs && earlier.order > largest.order)
      largest = { order: earlier.order, atMs: decidedAtMs };
  }
  const covered = knownSinceMs <= sinceMs + settings.intervalSeconds * 1_000;
  return covered ? largest : { order: Infinity, atMs: knownSinceMs };
}

function voteIn(votes: readonly CountedVote[], policy: string): Wants | undefined {
  const found = votes.find(({ vote }) => vote.policy === policy)?.vote;
  return found?.kind === 'wants' ? found : undefined;
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(1))} %`;
}
