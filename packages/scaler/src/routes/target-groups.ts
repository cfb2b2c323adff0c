import { nearestName } from '../config/nearest-name.ts';
import { invalidRequest, type Refusal } from '../refusal.ts';
import type { GroupSettings } from '../values/group-settings.ts';

/** The group that a request means: the one it names, else `default`, else the only one. */
export function targetGroup(
  groups: readonly GroupSettings[],
  name: string | undefined,
): { readonly kind: 'group'; readonly group: GroupSettings } | Refusal {
  const only = groups.length === 1 ? groups[0] : undefined;
  const group =
    name === undefined
      ? (groups.find((each) => each.name === 'default') ?? only)
      : groups.find((each) => each.name === name);
  if (group !== undefined) return { kind: 'group', group };
  return name === undefined
    ? invalidRequest([{ field: 'group', message: `group is missing: it must be one of ${namesOf(groups)}` }])
    : unknownGroup(groups, name);
}

/** The groups that a request means: the one it names, else all. */
export function targetGroups(
  groups: readonly GroupSettings[],
  name: string | undefined,
): { readonly kind: 'groups'; readonly groups: readonly GroupSettings[] } | Refusal {
  if (name === undefined) return { kind: 'groups', groups };
  const named = groups.filter((each) => each.name === name);
  return named.length === 0 ? unknownGroup(groups, name) : { kind: 'groups', groups: named };
}

function unknownGroup(groups: readonly GroupSettings[], name: string): Refusal {
  const names = groups.map((each) => each.name);
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? `it must be one of ${namesOf(groups)}` : `did you mean ${nearest}?`;
  return invalidRequest([
    { field: 'group', message: `there is no group ${JSON.stringify(name.slice(0, 120))}: ${hint}` },
  ]);
}

function namesOf(groups: readonly GroupSettings[]): string {
  return groups.map(({ name }) => name).join(', ');
}
