import type { Hit, Rule } from '../finding.ts';
import { type OwnSubject, policyRule } from './own-rule.ts';

/** A step whose band another one hides, or whose change the limits of the group undo. */
export const bandNeverUsed: Rule<OwnSubject> = policyRule('band-never-used', (policy, group) => {
  if (policy.type !== 'step') return [];
  const lowest = Math.min(...policy.steps.flatMap(({ from }) => (from === undefined ? [] : [from])));
  return policy.steps.flatMap(({ from, change }, i): Hit[] => {
    if (from === undefined && lowest <= 0)
      return [
        {
          path: ['steps', i],
          why: `signals are never below 0, so the step from ${lowest} always applies before this one`,
          instead: `a from above 0 in the other step, or without this one`,
        },
      ];
    if (change.type === 'exactly' && (change.value < group.min || change.value > group.max))
      return [
        {
          path: ['steps', i, 'change', 'value'],
          why: `exactly ${change.value} is outside min to max, ${group.min} to ${group.max}: the group stops at the limit`,
          instead: `a value from ${group.min} to ${group.max}, or other limits`,
        },
      ];
    return [];
  });
});
