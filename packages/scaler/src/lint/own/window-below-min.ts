import type { Rule } from '../finding.ts';
import { type OwnSubject, policyRule } from './own-rule.ts';

/** A window that asks for no more than there is anyway. */
export const windowBelowMin: Rule<OwnSubject> = policyRule('window-below-min', (policy, { min }) => {
  if (policy.type !== 'schedule') return [];
  return policy.windows.flatMap(({ replicas }, i) =>
    replicas > min
      ? []
      : [
          {
            path: ['windows', i, 'replicas'],
            why: `at least ${replicas} is no more than the group's min, ${min}: the window changes nothing`,
            instead: `more than ${min}, or a smaller min`,
          },
        ],
  );
});
