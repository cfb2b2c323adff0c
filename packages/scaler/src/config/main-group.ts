/** The group that stands for all where there is room for one: `default`, else the first. */
export function mainGroup<Group extends { readonly name: string }>(
  groups: readonly Group[],
): Group | undefined {
  return groups.find(({ name }) => name === 'default') ?? groups[0];
}
