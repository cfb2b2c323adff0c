import type { Hit, Rule } from '../finding.ts';
import { metricPeriod } from './metric-period.ts';
import type { OwnSubject } from './own-rule.ts';

/** Alarms beyond what their signal can be, or with periods in which nothing is measured, always or at times. */
export const alarmNeverRings: Rule<OwnSubject> = {
  id: 'alarm-never-rings',
  check: ({ config }) =>
    config.alarms.flatMap((alarm, i): Hit[] => {
      const path = ['alarms', i];
      if ('above' in alarm && ['cpu_percent', 'memory_percent'].includes(alarm.signal) && alarm.above >= 100)
        return [
          {
            path: [...path, 'above'],
            why: `${alarm.signal} is never above ${alarm.above}: ${alarm.name} never rings`,
            instead: 'a value below 100, such as 80',
          },
        ];
      if ('below' in alarm && alarm.below <= 0)
        return [
          {
            path: [...path, 'below'],
            why: `${alarm.signal} is never below ${alarm.below}: ${alarm.name} never rings`,
            instead: 'a value above 0',
          },
        ];
      const groups = config.groups.filter(({ name }) => alarm.group === undefined || name === alarm.group);
      const tick = Math.max(...groups.map(({ intervalSeconds }) => intervalSeconds));
      const metric = Math.max(0, ...groups.map((group) => metricPeriod(alarm.signal, group, config) ?? 0));
      const between = Math.max(tick, metric);
      if (alarm.periodSeconds < between)
        return [
          {
            path: [...path, 'periodSeconds'],
            why: `a period of ${alarm.periodSeconds} s is shorter than the ${between} s between two measurements: most periods have no value to compare`,
            instead: `at least ${between}`,
          },
        ];
      // Values come late, and not each after the same time.
      if (alarm.periods * alarm.periodSeconds >= 2 * metric) return [];
      return [
        {
          path: [...path, 'periodSeconds'],
          why: `${alarm.signal} comes from CloudWatch every ${metric} s and late, so that ${alarm.periodSeconds} s are at times without a value: ${alarm.name} goes to INSUFFICIENT_DATA and rings again, in each of them`,
          instead: `at least ${2 * metric}`,
        },
      ];
    }),
};
