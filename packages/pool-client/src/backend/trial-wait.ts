const TRIALS = { leastMs: 250, times: 4, share: 1 / 40, mostMs: 16_000 };

/**
 * How long after its last batch a backend that the plan leaves out is tried again, in milliseconds: a quarter of a second, so many times what
 * the trial should take, or a share of the time that it was left out, whichever is longest, and at most 16 s. One that fell for 10 s is back half
 * a second after its return, and one that was always slow is asked once in 16 s.
 */
export function trialWaitMs(trialMs: number, leftOutMs: number): number {
  return Math.min(TRIALS.mostMs, Math.max(TRIALS.leastMs, TRIALS.times * trialMs, TRIALS.share * leftOutMs));
}
