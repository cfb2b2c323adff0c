import type { PolicySettings } from '../../values/group-settings.ts';
import type { Hit, Rule } from '../finding.ts';
import { type OwnSubject, policyRule } from './own-rule.ts';

/** A percentage that never gets to where something would happen. */
export const percentOutOfReach: Rule<OwnSubject> = policyRule('percent-out-of-reach', (policy) => {
  if (!('signal' in policy) || !['cpu_percent', 'memory_percent'].includes(policy.signal)) return [];
  return levels(policy)
    .filter(({ level }) => level >= 100)
    .map(
      ({ path, level, what }): Hit => ({
        path,
        why: `${policy.signal} goes from 0 to 100 and never gets above ${level}: ${what}`,
        instead: 'a value below 100, such as 70',
      }),
    );
});

function levels(policy: PolicySettings): { path: PropertyKey[]; level: number; what: string }[] {
  if (policy.type === 'threshold')
    return [{ path: ['above'], level: policy.above, what: `${policy.name} never scales out` }];
  if (policy.type === 'target-tracking' && policy.of === 'each')
    return [{ path: ['target'], level: policy.target, what: `${policy.name} never scales out` }];
  if (policy.type !== 'step') return [];
  return policy.steps.flatMap(({ from = 0 }, i) =>
    from > 100 ? [{ path: ['steps', i, 'from'], level: from, what: 'the band is never reached' }] : [],
  );
}
