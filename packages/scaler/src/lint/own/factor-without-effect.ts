import type { Hit, Rule } from '../finding.ts';
import { type OwnSubject, policyRule } from './own-rule.ts';

/** Factors on the wrong side of 1, and a lower threshold that nothing is below. */
export const factorWithoutEffect: Rule<OwnSubject> = policyRule('factor-without-effect', (policy): Hit[] => {
  if (policy.type !== 'threshold') return [];
  const { outFactor, inFactor, below } = policy;
  const hits: Hit[] = [];
  if (outFactor <= 1)
    hits.push({
      path: ['outFactor'],
      why: `multiplied by ${outFactor} a count doesn't grow: the factor does nothing, one replica is added whatever it is`,
      instead: 'more than 1, such as 1.5',
    });
  if (inFactor >= 1)
    hits.push({
      path: ['inFactor'],
      why: `multiplied by ${inFactor} a count doesn't shrink: the factor does nothing, one replica is taken whatever it is`,
      instead: 'less than 1, such as 0.75',
    });
  if (below <= 0)
    hits.push({
      path: ['below'],
      why: `${policy.signal} is never below ${below}: ${policy.name} never scales in`,
      instead: `a value above 0, such as ${policy.above / 2}`,
    });
  return hits;
});
