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
  readonly steepFall: GroupSettings['steepFall'];
  /** The in window as it has grown. */
  readonly inWindowSeconds: number;
  /** When the count changed last; steps on the way in don't count where a velocity paces them. */
  readonly lastChangeMs: number | undefined;
  /** Earlier decisions of the group without a gap, oldest first. */
  readonly past: readonly Decision[];
}

/** Applies windows and tolerance: out for the smallest vote of the out window, in for the largest order of the in window. */
export function countVote(vote: Vote, ballot: Ballot): CountedVote {
  const { current, settings } = ballot;
  if (vote.kind === 'abstains') return { vote, target: current };
  const outVote = smallest(vote, ballot);
  const upper = current * (1 + vote.tolerance.out);
  if (outVote.replicas > upper && roundUp(outVote.order) > current) {
    return { vote, target: roundUp(outVote.order) };
  }
  if (roundUp(vote.order) === current) return { vote, target: current };
  const within = (part: number, number: number) => ({
    by: 'tolerance' as const,
    because: `${number.toFixed(2)} is within ${percent(part)} of ${current}`,
  });
  if (roundUp(vote.order) > current) {
    if (vote.replicas <= upper) {
      return { vote, target: current, held: within(vote.tolerance.out, vote.replicas) };
    }
    const because = `the smallest vote of the last ${settings.stabilizationSeconds.out} s was ${outVote.replicas.toFixed(2)}`;
    return { vote, target: current, held: { by: 'stabilization', because } };
  }
  if (vote.order > current * (1 - vote.tolerance.in)) {
    return { vote, target: current, held: within(vote.tolerance.in, vote.order) };
  }
  return fall(vote, ballot);
}

/** On the way in: the whole window speaks for it, or a shorter one for a steep fall. */
function fall(vote: Wants, ballot: Ballot): CountedVote {
  const { current, nowMs, inWindowSeconds, lastChangeMs, steepFall } = ballot;
  const { part, seconds } = steepFall;
  const windows = [
    { seconds: inWindowSeconds, most: current * (1 - vote.tolerance.in) },
    ...(part > 0 && seconds < inWindowSeconds ? [{ seconds, most: current * part }] : []),
  ];
  for (const window of windows) {
    const largest = largestOrder(vote, window.seconds, ballot);
    // A change far ahead is one of before the clock was set back.
    const sinceChangeMs = lastChangeMs === undefined ? Infinity : Math.abs(nowMs - lastChangeMs);
    const target = roundUp(largest.order);
    if (target < current && largest.order <= window.most && sinceChangeMs >= window.seconds * 1_000) {
      return { vote, target };
    }
  }
  return { vote, target: current, held: heldBack(vote, ballot) };
}

function heldBack(vote: Wants, ballot: Ballot): NonNullable<CountedVote['held']> {
  const { current, nowMs, inWindowSeconds, lastChangeMs } = ballot;
  const largest = largestOrder(vote, inWindowSeconds, ballot);
  const window = `within the last ${inWindowSeconds.toFixed(0)} s`;
  const ago = (atMs: number) => `${Math.max(0, (nowMs - atMs) / 1_000).toFixed(0)} s ago, ${window}`;
  const until = (atMs: number) => atMs + inWindowSeconds * 1_000;
  if (largest.order === Infinity) {
    const because = `votes of the last ${inWindowSeconds.toFixed(0)} s are not all known`;
    return { by: 'stabilization', because, untilMs: until(largest.atMs) };
  }
  const small = roundUp(largest.order) < current && largest.order <= current * (1 - vote.tolerance.in);
  if (small && lastChangeMs !== undefined) {
    return {
      by: 'stabilization',
      because: `the count changed ${ago(lastChangeMs)}`,
      untilMs: until(lastChangeMs),
    };
  }
  const because = `${largest.order.toFixed(2)} was asked for ${ago(largest.atMs)}`;
  return { by: 'stabilization', because, untilMs: until(largest.atMs) };
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

interface LargestOrder {
  readonly order: number;
  readonly atMs: number;
}

/**
 * The largest order of a window and when it was; infinite while the window reaches back further than what is known of this policy,
 * which begins anew after a long silence.
 */
function largestOrder(vote: Wants, seconds: number, { nowMs, settings, past }: Ballot): LargestOrder {
  let largest = { order: vote.order, atMs: nowMs };
  if (seconds === 0) return largest;
  const sinceMs = nowMs - seconds * 1_000;
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
