import type { GroupConfig, ScalerConfig } from '../../config/scaler-config.ts';
import type { PolicySettings } from '../../values/group-settings.ts';
import type { Hit, Rule } from '../finding.ts';
import { items, mapping } from '../values.ts';

/** One of our own files: what it comes to, and what was written. */
export interface OwnSubject {
  readonly config: ScalerConfig;
  readonly written: unknown;
}

/** A rule over each group; paths are within the group. */
export function groupRule(
  id: string,
  check: (group: GroupConfig, written: Readonly<Record<string, unknown>>) => readonly Hit[],
): Rule<OwnSubject> {
  return {
    id,
    check: ({ config, written }) =>
      config.groups.flatMap((group, i) =>
        below(['groups', i], check(group, mapping(items(mapping(written).groups)[i]))),
      ),
  };
}

/** A rule over each policy of each group; paths are within the policy. */
export function policyRule(
  id: string,
  check: (policy: PolicySettings, group: GroupConfig) => readonly Hit[],
): Rule<OwnSubject> {
  return groupRule(id, (group) =>
    group.policies.flatMap((policy, i) => below(['policies', i], check(policy, group))),
  );
}

function below(path: readonly PropertyKey[], hits: readonly Hit[]): Hit[] {
  return hits.map((hit) => ({ ...hit, path: [...path, ...hit.path] }));
}
