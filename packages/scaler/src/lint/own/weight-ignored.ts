import type { Hit, Rule } from '../finding.ts';
import { items, mapping } from '../values.ts';
import { groupRule, type OwnSubject } from './own-rule.ts';

/** Weights that nobody looks at, and votes that weigh nothing. */
export const weightIgnored: Rule<OwnSubject> = groupRule('weight-ignored', ({ combine }, written) =>
  items(written.policies).flatMap((policy, i): Hit[] => {
    const { weight } = mapping(policy);
    if (weight === undefined) return [];
    const path = ['policies', i, 'weight'];
    // 1 is the default, which --check-config writes out.
    if (combine !== 'weighted' && weight === 1) return [];
    if (combine !== 'weighted')
      return [
        {
          path,
          why: `weights count under combine: weighted only, and this group's is ${combine}`,
          instead: 'combine: weighted, or no weight',
        },
      ];
    return weight === 0
      ? [
          {
            path,
            why: 'a weight of 0 makes the policy count for nothing',
            instead: 'a weight above 0, or no policy',
          },
        ]
      : [];
  }),
);
