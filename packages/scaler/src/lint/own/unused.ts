import type { Hit, Rule } from '../finding.ts';
import type { OwnSubject } from './own-rule.ts';

/** Signals that nothing asks for, and options of drivers that no group has. */
export const unused: Rule<OwnSubject> = {
  id: 'unused',
  check: ({ config }) => {
    const asked = new Set([
      ...config.groups.flatMap(({ policies }) =>
        policies.flatMap((policy) => ('signal' in policy ? [policy.signal] : [])),
      ),
      ...config.alarms.map(({ signal }) => signal),
    ]);
    const drivers = new Set<string>(config.groups.map(({ driver }) => driver));
    const signals = Object.keys(config.signals).filter((name) => !asked.has(name));
    const options = Object.keys(config.drivers).filter((name) => !drivers.has(name));
    return [
      ...signals.map(
        (name): Hit => ({
          path: ['signals', name],
          why: `no policy and no alarm uses ${name}: it is fetched for nothing`,
          instead: 'a policy or an alarm with it, or without it',
        }),
      ),
      ...options.map(
        (name): Hit => ({
          path: ['drivers', name],
          why: `no group has the driver ${name} (they have ${[...drivers].join(', ')}): its options do nothing`,
          instead: `driver: ${name}, or without them`,
        }),
      ),
    ];
  },
};
