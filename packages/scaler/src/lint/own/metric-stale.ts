import type { Hit, Rule } from '../finding.ts';
import { metricPeriod } from './metric-period.ts';
import type { OwnSubject } from './own-rule.ts';

/** Groups that follow a metric of CloudWatch, and would take nearly every value of it for stale. */
export const metricStale: Rule<OwnSubject> = {
  id: 'metric-stale',
  check: ({ config }) =>
    config.groups.flatMap((group, i): Hit[] => {
      const late = group.policies.flatMap((policy) => {
        if (!('signal' in policy)) return [];
        const periodSeconds = metricPeriod(policy.signal, group, config);
        return periodSeconds === undefined ? [] : [{ signal: policy.signal, periodSeconds }];
      });
      const slowest = late.toSorted((a, b) => b.periodSeconds - a.periodSeconds)[0];
      if (slowest === undefined) return [];
      const { signal, periodSeconds } = slowest;
      // A period has to be over, and is asked for twice in the next.
      const ageSeconds = 1.5 * periodSeconds;
      if (group.staleAfterSeconds >= ageSeconds) return [];
      return [
        {
          path: ['groups', i, 'staleAfterSeconds'],
          why: `${signal} comes from CloudWatch in periods of ${periodSeconds} s, so it is up to ${ageSeconds} s old and more, and counts for ${group.staleAfterSeconds} s: most of the time the policy abstains and nothing scales in`,
          instead: `at least ${2 * periodSeconds + 120}`,
        },
      ];
    }),
};
