import type { ThresholdSettings } from '../../values/group-settings.ts';
import type { Hit, Rule } from '../finding.ts';
import { type OwnSubject, policyRule } from './own-rule.ts';

/** Beyond that many replicas roundings no longer matter. */
const LARGEST = 100;

/**
 * Scaling one way brings the signal to where the other way begins. The signal is taken to be shared by the replicas, as
 * CPU is: at 70 % two replicas become three, which have 46.7 % each.
 */
export const thresholdsOverlap: Rule<OwnSubject> = policyRule(
  'thresholds-overlap',
  (policy, { min, max }): Hit[] => {
    if (policy.type !== 'threshold' || min === max) return [];
    const { above, below, signal } = policy;
    if (below >= above)
      return [
        {
          path: ['below'],
          why: `between ${above} and ${below} ${signal} asks for more and for fewer at once`,
          instead: `less than above: ${above / 2} leaves room`,
        },
      ];
    for (let count = Math.max(1, min); count <= Math.min(max, LARGEST); count += 1) {
      const hit = overlapAt(count, policy, min, max);
      if (hit !== undefined) return [hit];
    }
    return [];
  },
);

function overlapAt(count: number, policy: ThresholdSettings, min: number, max: number): Hit | undefined {
  const { above, below, outFactor, inFactor, signal } = policy;
  // The policy moves by one replica at least, and counts are rounded up.
  const more = Math.min(max, Math.ceil(Math.max(count * outFactor, count + 1)));
  const afterOut = (above * count) / more;
  if (more > count && afterOut < below)
    return {
      path: ['below'],
      why: `at ${above} ${count} become ${more}, which brings ${signal} to ${rounded(afterOut)}, below ${below}: in again`,
      instead: `at most ${rounded(afterOut)}`,
    };
  const fewer = Math.max(min, Math.ceil(Math.min(count * inFactor, count - 1)));
  const afterIn = (below * count) / fewer;
  if (fewer > 0 && fewer < count && afterIn > above)
    return {
      path: ['below'],
      why: `at ${below} ${count} become ${fewer}, which brings ${signal} to ${rounded(afterIn)}, above ${above}: out again`,
      instead: `at most ${rounded((above * fewer) / count)}${fewer < count - 1 ? ', or an inFactor nearer to 1' : ''}`,
    };
  return undefined;
}

function rounded(value: number): number {
  return Math.floor(value * 10) / 10;
}
