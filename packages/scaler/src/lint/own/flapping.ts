import type { Rule } from '../finding.ts';
import { groupRule, type OwnSubject } from './own-rule.ts';

/** A smaller swing than this is what any load does from one minute to the next. */
const SMALL_SWING = 1.1;

/**
 * Out happens above (1 + tolerance.out) × count, and headroom × need is kept on the way in. So a load must swing by
 * (1 + tolerance.out) × headroom before the same replica comes and goes: 1.38 times by default, and 1 time with 0 and 1.
 */
export const flapping: Rule<OwnSubject> = groupRule('flapping', (group) => {
  const { policies, stabilizationSeconds, cooldownSeconds, startup } = group;
  const holdSeconds = Math.max(stabilizationSeconds.in, cooldownSeconds.in);
  if (group.min === group.max || holdSeconds >= startup.expectedSeconds) return [];
  return policies.flatMap((policy, i) => {
    if (policy.type !== 'queued-work' && policy.type !== 'target-tracking') return [];
    const headroom = policy.type === 'queued-work' ? policy.headroom : 1;
    const swing = (1 + policy.tolerance.out) * headroom;
    if (swing >= SMALL_SWING) return [];
    const percent = Math.round((swing - 1) * 100);
    return [
      {
        path: ['policies', i, 'tolerance', 'out'],
        why: `with tolerance.out ${policy.tolerance.out}${headroom === 1 ? '' : ` and headroom ${headroom}`} a load that swings by ${percent} % adds and removes a replica each time, and nothing holds it: ${holdSeconds} s on the way in, where a start takes ${startup.expectedSeconds} s`,
        instead: `stabilizationSeconds.in of several times ${startup.expectedSeconds}, or tolerance.out 0.15`,
      },
    ];
  });
});
