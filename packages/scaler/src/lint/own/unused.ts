import { configuredSignals } from '../../config/configured-signals.ts';
import type { GroupConfig } from '../../config/scaler-config.ts';
import type { Hit, Rule } from '../finding.ts';
import type { OwnSubject } from './own-rule.ts';

/** Signals that nothing asks for, and options of drivers that no group has. */
export const unused: Rule<OwnSubject> = {
  id: 'unused',
  check: ({ config }) => {
    const askedBy = ({ name, policies }: GroupConfig) => [
      ...policies.flatMap((policy) => ('signal' in policy ? [policy.signal] : [])),
      ...config.alarms.flatMap(({ signal, group = name }) => (group === name ? [signal] : [])),
    ];
    const isAsked = (name: string, group: string | undefined) =>
      config.groups.some((each) => (group ?? each.name) === each.name && askedBy(each).includes(name));
    const drivers = new Set<string>(config.groups.map(({ driver }) => driver));
    const signals = configuredSignals(config.signals).filter(
      ({ name, signal }) => !isAsked(name, signal.group),
    );
    const options = Object.keys(config.drivers).filter((name) => !drivers.has(name));
    return [
      ...signals.map(
        ({ name, path, signal: { group } }): Hit => ({
          path,
          why: `no policy and no alarm${group === undefined ? '' : ` of group ${group}`} uses ${name}: it is fetched for nothing`,
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
