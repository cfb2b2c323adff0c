import type { Hit, Rule } from '../finding.ts';
import { type OwnSubject, policyRule } from './own-rule.ts';

/** Scaling one way brings the signal to where the other way begins. The signal is taken to be shared by the replicas. */
export const thresholdsOverlap: Rule<OwnSubject> = policyRule(
  'thresholds-overlap',
  (policy, { min, max }): Hit[] => {
    if (policy.type !== 'threshold' || min === max) return [];
    const { above, below, outFactor, inFactor, signal } = policy;
    if (below >= above)
      return [
        {
          path: ['below'],
          why: `between ${above} and ${below} ${signal} asks for more and for fewer at once`,
          instead: `less than above: ${above / 2} leaves room`,
        },
      ];
    if (outFactor > 1 && above / outFactor < below)
      return [
        {
          path: ['below'],
          why: `out at ${above} makes ${outFactor} times the replicas, which brings ${signal} to ${rounded(above / outFactor)}, below ${below}: in again`,
          instead: `less than ${rounded(above / outFactor)}`,
        },
      ];
    if (inFactor > 0 && inFactor < 1 && below / inFactor > above)
      return [
        {
          path: ['inFactor'],
          why: `in at ${below} leaves ${inFactor} of the replicas, which brings ${signal} to ${rounded(below / inFactor)}, above ${above}: out again`,
          instead: `more than ${rounded(below / above)}`,
        },
      ];
    return [];
  },
);

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
