import { mainGroup } from '../config/main-group.ts';
import { invalidRequest, type Problem, type Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import { configRecord } from './config-record.ts';
import { mergeOverride } from './merge-override.ts';
import { json, type Route } from './route.ts';
import { targetGroup } from './target-groups.ts';

/** What came of an override: the groups as they are from now on, or what is wrong with it while all stays as it was. */
export type OverrideOutcome =
  | { readonly kind: 'applied'; readonly groups: readonly GroupSettings[] }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

export interface ConfigRouteParts {
  readonly store: Store;
  readonly groups: () => readonly GroupSettings[];
  /**
   * Checks the whole override (every `PUT` so far, merged) over file and environment, and lets it hold from now on. Its fields are those of
   * `GET /scaling/config`.
   */
  readonly applyOverride: (override: unknown) => OverrideOutcome;
  /** Asks for a tick now. */
  readonly wake: () => void;
}

/** Why nobody can tell which group the fields at the top are for, if they are there. */
function unclearGroup(body: unknown, groups: readonly GroupSettings[]): Refusal | undefined {
  const fields = typeof body === 'object' && !Array.isArray(body) ? Object.keys(body ?? {}) : [];
  const field = fields.find((key) => key !== 'groups');
  if (field === undefined || targetGroup(groups, undefined).kind === 'group') return undefined;
  const names = groups.map(({ name }) => name).join(', ');
  const example = `{"groups": [{"name": ${JSON.stringify(groups[0]?.name)}, ${JSON.stringify(field)}: …}]}`;
  return invalidRequest([
    { field, message: `${field} must say for which group it is, as in ${example}; there are ${names}` },
  ]);
}

/** The settings that hold, and changing them while it runs. */
export function configRoutes({ store, groups, applyOverride, wake }: ConfigRouteParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/scaling/config',
      access: 'read',
      answer: () => json(configRecord(groups(), store.configOverride())),
    },
    {
      method: 'PUT',
      path: '/scaling/config',
      access: 'write',
      answer: ({ body }) => {
        const unclear = unclearGroup(body, groups());
        if (unclear !== undefined) return unclear;
        const before = store.configOverride();
        const merged = mergeOverride(before, body, mainGroup(groups())?.name);
        if (merged.kind !== 'merged') return merged;
        const outcome = applyOverride(merged.override);
        if (outcome.kind === 'refused') {
          const [first = { field: '', message: 'the change was refused' }, ...rest] = outcome.problems;
          return invalidRequest([first, ...rest]);
        }
        try {
          store.setConfigOverride(merged.override);
        } catch (error) {
          // What isn't kept must not hold either, else the next start would quietly take it back.
          applyOverride(before ?? {});
          throw error;
        }
        wake();
        return json(configRecord(outcome.groups, merged.override));
      },
    },
  ];
}
