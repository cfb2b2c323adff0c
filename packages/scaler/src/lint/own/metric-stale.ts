import { configuredSignals } from '../../config/configured-signals.ts';
import type { GroupConfig, ScalerConfig } from '../../config/scaler-config.ts';
import type { Hit, Rule } from '../finding.ts';
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

/** The period of the metric that a group's signal is; undefined for signals from elsewhere. */
function metricPeriod(signal: string, group: GroupConfig, { signals }: ScalerConfig): number | undefined {
  const named = configuredSignals(signals).filter(({ name }) => name === signal);
  const own = named.find((each) => each.signal.group === group.name);
  const chosen = (own ?? named.find((each) => each.signal.group === undefined))?.signal;
  if (chosen !== undefined) return chosen.type === 'cloudwatch' ? chosen.periodSeconds : undefined;
  if (signal !== 'cpu_percent' || group.driver !== 'asg') return undefined;
  const { metricPeriodSeconds = 300 } = group.driverOptions;
  return typeof metricPeriodSeconds === 'number' ? metricPeriodSeconds : undefined;
}
