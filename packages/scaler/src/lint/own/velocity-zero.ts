import type { Hit, Rule } from '../finding.ts';
import { groupRule, type OwnSubject } from './own-rule.ts';

/** A limit that lets nothing through in one direction. */
export const velocityZero: Rule<OwnSubject> = groupRule('velocity-zero', ({ velocity, max }) =>
  (['out', 'in'] as const).flatMap((direction): Hit[] => {
    const { rules, select } = velocity[direction];
    const zeros = rules.filter(({ value }) => value === 0).length;
    if (zeros === 0 || (select === 'max' && zeros < rules.length)) return [];
    const effect =
      direction === 'out'
        ? `the group never grows, whatever its max of ${max} says`
        : 'the group never shrinks, and every burst is paid for ever';
    return [
      {
        path: ['velocity', direction],
        why: `of its rules the one that counts allows 0: ${effect}`,
        instead: 'a value above 0, or no rules, which means no limit',
      },
    ];
  }),
);
