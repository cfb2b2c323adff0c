import { mainGroup } from '../config/main-group.ts';
import type { GroupSettings } from '../values/group-settings.ts';

/** The settings that hold now, in document 004's words; at the top those of the main group. */
export function configRecord(
  groups: readonly GroupSettings[],
  override: unknown,
): Readonly<Record<string, unknown>> {
  const main = mainGroup(groups);
  return {
    ...(main === undefined ? {} : documentFields(main)),
    groups: groups.map((group) => ({ name: group.name, ...documentFields(group), ...otherFields(group) })),
    /** What `PUT` changed since the start, over file and environment. */
    override: override ?? {},
  };
}

/** What CPU_THRESHOLD and MEMORY_THRESHOLD set; null without a policy on that signal. */
export function scalingThresholds({ policies }: GroupSettings): Readonly<Record<string, number | null>> {
  const of = (signal: string) => {
    for (const policy of policies) {
      if (policy.type === 'threshold' && policy.signal === signal) return policy.above;
      if (policy.type === 'target-tracking' && policy.signal === signal) return policy.target;
    }
    return null;
  };
  return { cpu_threshold: of('cpu_percent'), memory_threshold: of('memory_percent') };
}

function documentFields(group: GroupSettings) {
  return {
    min_instances: group.min,
    max_instances: group.max,
    ...scalingThresholds(group),
    /** Seconds after a change before the next: the longer of the two directions. */
    scaling_cooldown: Math.max(group.cooldownSeconds.out, group.cooldownSeconds.in),
  };
}

/** Settings of the group's own, not its driver's options, which may hold secrets. */
function otherFields(group: GroupSettings) {
  const { combine, policies, stabilizationSeconds, steepFall, flapping, cooldownSeconds, velocity } = group;
  const { intervalSeconds, startup, drainSeconds, staleAfterSeconds, chunksPerSecond, pricePerHour } = group;
  return {
    class: group.class,
    enabled: group.enabled,
    initial_instances: group.initial,
    ...snakeCase({
      intervalSeconds,
      policies,
      combine,
      stabilizationSeconds,
      steepFall,
      flapping,
      cooldownSeconds,
    }),
    ...snakeCase({ velocity, startup, drainSeconds, staleAfterSeconds, chunksPerSecond, pricePerHour }),
  };
}

/** The same value with all names as the API writes them. */
function snakeCase(value: object): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCasePart(part),
    ]),
  );
}

function snakeCasePart(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(snakeCasePart);
  return typeof part === 'object' && part !== null ? snakeCase(part) : part;
}
