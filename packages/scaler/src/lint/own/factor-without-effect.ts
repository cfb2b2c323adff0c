import type { Hit, Rule } from '../finding.ts';
import { type OwnSubject, policyRule } from './own-rule.ts';

/** Factors that don't change a count, or change it the wrong way. */
export const factorWithoutEffect: Rule<OwnSubject> = policyRule('factor-without-effect', (policy): Hit[] => {
  if (policy.type !== 'threshold') return [];
  const { outFactor, inFactor, below } = policy;
  const hits: Hit[] = [];
  if (outFactor <= 1)
    hits.push({
      path: ['outFactor'],
      why: `above ${policy.above} the count is multiplied by ${outFactor}: ${outFactor === 1 ? 'that changes nothing' : 'that takes replicas away'}`,
      instead: 'more than 1, such as 1.5',
    });
  if (inFactor >= 1)
    hits.push({
      path: ['inFactor'],
      why: `below ${below} the count is multiplied by ${inFactor}: ${inFactor === 1 ? 'that changes nothing' : 'that adds replicas'}`,
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
