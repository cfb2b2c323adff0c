import type { Limit } from '../values/decision.ts';
import type { CountedVote } from '../values/vote.ts';

export interface Settled {
  readonly current: number;
  readonly target: number;
  readonly wanted: number;
  readonly votes: readonly CountedVote[];
  readonly limits: readonly Limit[];
  /** The first decision of its group. */
  readonly first: boolean;
}

/** One sentence on why the count changes, or why it doesn't. Document 004: `Scaling up based on cpu-based-scaling`. */
export function reasonFor(settled: Settled): string {
  const { current, target, limits, first } = settled;
  const last = limits.at(-1);
  const verb = target > current ? 'Scaling up' : 'Scaling down';
  const bound =
    last === undefined ? '' : `; ${last.name} allows ${last.to}, not ${last.from}: ${last.because}`;
  const manual = limits.find(({ name }) => name === 'manual');
  if (manual !== undefined) {
    const done = target === current ? `Held at ${target}` : verb;
    return `${done}, ${manual.because}${manual === last ? '' : bound}`;
  }
  if (target === current) return unchanged(settled);
  if (first) return `${verb} to the group's initial count${bound}`;
  if (last !== undefined && (last.name === 'min' || last.name === 'max') && last.from === current)
    return `${verb}: ${last.because}`;
  const votes = leading(settled);
  const names = votes.map(({ vote }) => vote.policy).join(', ');
  const why = votes.map(({ vote }) => vote.because).join('; ');
  return `${verb} based on ${names || 'limits'}${why ? `: ${why}` : ''}${bound}`;
}

/** The policies whose targets lie in the direction that was taken. */
function leading({ current, target, wanted, votes }: Settled): readonly CountedVote[] {
  const exact = votes.filter((each) => each.target === wanted && each.target !== current);
  if (exact.length > 0) return exact;
  return votes.filter((each) => Math.sign(each.target - current) === Math.sign(target - current));
}

function unchanged({ current, wanted, votes, limits }: Settled): string {
  const last = limits.at(-1);
  if (last !== undefined) return `No change at ${current}, ${wanted} wanted: ${last.name}, ${last.because}`;
  const held = votes.find((each) => each.held !== undefined);
  if (held?.held !== undefined) return `No change at ${current}: ${held.vote.policy}, ${held.held.because}`;
  const silent = votes.filter(({ vote }) => vote.kind === 'abstains');
  if (silent.length === votes.length && silent[0] !== undefined)
    return `No change at ${current}: ${silent[0].vote.because}`;
  if (votes.length === 0) return `No change at ${current}: no policy is set`;
  return `No change at ${current}: ${votes.map(({ vote }) => `${vote.policy}, ${vote.because}`).join('; ')}`;
}
