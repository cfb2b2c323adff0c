import type { GroupSettings, PolicySettings } from '../values/group-settings.ts';
import { SIGNAL_NAMES } from '../values/sample.ts';
import { didYouMean } from './fields.ts';
import { nearestName } from './nearest-name.ts';
import { isMapping } from './overlay.ts';
import type { Fault } from './problems.ts';

/** What no field of a group can decide alone. `written` is the group before defaults; paths are within the group. */
export function groupFaults(
  group: GroupSettings,
  written: unknown,
  configuredSignals: readonly string[],
): Fault[] {
  return [
    ...limitFaults(group),
    ...startupFaults(group),
    ...doubleNames(group.policies),
    ...weightFaults(group, written),
    ...group.policies.flatMap((policy, i) =>
      [...signalFaults(policy, configuredSignals), ...policyFaults(policy, group)].map(
        ({ path, message }) => ({
          path: ['policies', i, ...path],
          message,
        }),
      ),
    ),
  ];
}

/** The fault of a signal that nobody measures. */
export function unknownSignal(signal: string, configuredSignals: readonly string[]): string | undefined {
  const known = [...SIGNAL_NAMES, ...configuredSignals];
  if (known.includes(signal)) return undefined;
  const meant = didYouMean(nearestName(signal, known));
  return `must be a signal that is measured, got ${JSON.stringify(signal)}${meant || `; there are ${known.join(', ')}`}`;
}

function limitFaults({ min, initial, max }: GroupSettings): Fault[] {
  if (min > max) return [{ path: ['min'], message: `must be at most max, which is ${max}, got ${min}` }];
  if (initial < min || initial > max)
    return [{ path: ['initial'], message: `must be from min to max, ${min} to ${max}, got ${initial}` }];
  return [];
}

function startupFaults({ startup }: GroupSettings): Fault[] {
  const { expectedSeconds, timeoutSeconds } = startup;
  if (timeoutSeconds > expectedSeconds) return [];
  const message = `must be above expectedSeconds, which is ${expectedSeconds}, got ${timeoutSeconds}: every start would be given up`;
  return [{ path: ['startup', 'timeoutSeconds'], message }];
}

function doubleNames(policies: readonly PolicySettings[]): Fault[] {
  return policies.flatMap(({ name }, i) => {
    if (policies.findIndex((other) => other.name === name) === i) return [];
    return [
      {
        path: ['policies', i, 'name'],
        message: `must differ from those before it, got ${JSON.stringify(name)} again: give it a name of its own`,
      },
    ];
  });
}

/** Of several policies each needs a weight that somebody chose; one alone needs none. */
function weightFaults(group: GroupSettings, written: unknown): Fault[] {
  if (group.combine !== 'weighted' || group.policies.length < 2) return [];
  if (group.policies.every(({ weight }) => weight === 0))
    return [{ path: ['policies'], message: 'must have a weight above 0 somewhere, got 0 for each' }];
  const policies = isMapping(written) && Array.isArray(written.policies) ? written.policies : [];
  return group.policies.flatMap(({ name }, i) => {
    const policy: unknown = policies[i];
    if (isMapping(policy) && policy.weight !== undefined) return [];
    return [
      { path: ['policies', i, 'weight'], message: `must be given for ${name} under combine: weighted` },
    ];
  });
}

function signalFaults(policy: PolicySettings, configured: readonly string[]): Fault[] {
  if (!('signal' in policy)) return [];
  const message = unknownSignal(policy.signal, configured);
  return message === undefined ? [] : [{ path: ['signal'], message }];
}

function policyFaults(policy: PolicySettings, group: GroupSettings): Fault[] {
  if (policy.type === 'step') {
    const froms = policy.steps.map(({ from }) => from);
    return froms.flatMap((from, i) => {
      if (froms.indexOf(from) === i) return [];
      const what = from === undefined ? 'a second step without from' : `from ${from} a second time`;
      return [{ path: ['steps', i], message: `must begin where no other step does, got ${what}` }];
    });
  }
  if (policy.type === 'schedule') {
    return policy.windows.flatMap(({ fromMinute, toMinute, replicas }, i) => {
      const path = ['windows', i];
      if (fromMinute === toMinute)
        return [
          { path, message: `must last some time, got ${fromMinute} to ${toMinute}: 0 to 1440 is all day` },
        ];
      if (replicas > group.max)
        return [
          {
            path: [...path, 'replicas'],
            message: `must be at most the group's max, ${group.max}, got ${replicas}`,
          },
        ];
      return [];
    });
  }
  return [];
}
