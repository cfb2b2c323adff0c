import type { Tolerance } from '../values/group-settings.ts';
import type { Figures, Vote } from '../values/vote.ts';

const NO_TOLERANCE: Tolerance = { out: 0, in: 0 };

/** A vote for exactly that many replicas. */
export function wants(
  policy: string,
  replicas: number,
  because: string,
  figures: Figures,
  tolerance: Tolerance = NO_TOLERANCE,
): Vote {
  return { kind: 'wants', policy, replicas, order: replicas, tolerance, because, figures };
}

/** A vote withheld because a signal is missing or stale. */
export function lost(policy: string, because: string): Vote {
  return { kind: 'abstains', policy, because, lostSignal: true };
}
