import {
  firstSet,
  GROUP_VARIABLES,
  THRESHOLD_VARIABLES,
  thresholdPolicy,
  VARIABLES,
  type Variable,
} from './environment.ts';

/** The file's values with the environment's over them, nothing checked yet. */
export interface Overlaid {
  readonly value: unknown;
  /** Which variable gave what stands at a path, by `pathKey`. */
  readonly variableAt: ReadonlyMap<string, string>;
  /** What the environment asks for and the file has no place for. */
  readonly problems: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;
type Path = readonly PropertyKey[];

/** How a path is written: `groups.0.min`. */
export function pathKey(path: Path): string {
  return path.map(String).join('.');
}

/**
 * Lays the environment over the values of a file. `MIN_INSTANCES` and its like belong to the group `default`: where the
 * file has groups and none of that name they are a problem, since a limit that isn't in force costs money quietly.
 */
export function overlay(file: Readonly<Record<string, unknown>>, env: Env): Overlaid {
  const variableAt = new Map<string, string>();
  const value: Record<string, unknown> = { ...file };
  for (const { name, key, written } of given(VARIABLES, env)) {
    value[key] = written;
    variableAt.set(pathKey([key]), name);
  }
  const written = groupVariables(env);
  if (written.length === 0 || (file.groups !== undefined && !Array.isArray(file.groups)))
    return { value, variableAt, problems: [] };

  const groups: readonly unknown[] = Array.isArray(file.groups) ? file.groups : [{ name: 'default' }];
  const index = groups.findIndex((group) => isMapping(group) && (group.name ?? 'default') === 'default');
  const group = groups[index];
  if (!isMapping(group)) {
    const names = groups.map((other) => (isMapping(other) ? String(other.name) : '?')).join(', ');
    const problem = `${written.join(', ')} set up the group default, and the file's groups are ${names}: write it into a group there, or name one of them default`;
    return { value, variableAt, problems: [problem] };
  }
  const changed = overlayGroup(group, env, ['groups', index], variableAt);
  return { value: { ...value, groups: groups.with(index, changed) }, variableAt, problems: [] };
}

function overlayGroup(
  group: Readonly<Record<string, unknown>>,
  env: Env,
  at: Path,
  variableAt: Map<string, string>,
): Record<string, unknown> {
  const changed: Record<string, unknown> = { ...group };
  for (const { name, key, written } of given(GROUP_VARIABLES, env)) {
    changed[key] = written;
    variableAt.set(pathKey([...at, key]), name);
  }
  const policies: unknown[] = Array.isArray(group.policies) ? [...group.policies] : [{ type: 'queued-work' }];
  const before = policies.length;
  for (const { variable, policy, signal } of THRESHOLD_VARIABLES) {
    const found = firstSet(env, [variable]);
    if (found === undefined) continue;
    variableAt.set(pathKey([...at, 'policies', policies.length]), variable);
    policies.push(thresholdPolicy(policy, signal, found.text));
  }
  if (policies.length > before && (group.policies === undefined || Array.isArray(group.policies)))
    changed.policies = policies;
  return changed;
}

/** Each variable that is set, with the key that it stands for and its value. */
function given(
  variables: readonly Variable[],
  env: Env,
): { readonly name: string; readonly key: string; readonly written: unknown }[] {
  return variables.flatMap(({ names, key, fromText }) => {
    const found = firstSet(env, names);
    return found === undefined ? [] : [{ name: found.name, key, written: fromText(found.text) }];
  });
}

function groupVariables(env: Env): string[] {
  const names = [
    ...GROUP_VARIABLES.flatMap((variable) => variable.names),
    ...THRESHOLD_VARIABLES.map(({ variable }) => variable),
  ];
  return names.filter((name) => firstSet(env, [name]) !== undefined);
}

/** Whether a value of YAML or JSON is a mapping. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
