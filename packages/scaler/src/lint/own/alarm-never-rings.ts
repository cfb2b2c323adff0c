import type { Hit, Rule } from '../finding.ts';
import type { OwnSubject } from './own-rule.ts';

/** Alarms beyond what their signal can be, or with periods in which nothing is measured. */
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
      if (alarm.periodSeconds >= tick) return [];
      return [
        {
          path: [...path, 'periodSeconds'],
          why: `a period of ${alarm.periodSeconds} s is shorter than the ${tick} s between two measurements: most periods have no value to compare`,
          instead: `at least ${tick}`,
        },
      ];
    }),
};
