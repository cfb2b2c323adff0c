import { z } from 'zod';
import type { Store } from '../store/store.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import { parseFields } from './parse-fields.ts';
import { type Answer, json, type Route } from './route.ts';
import { pausedRecord } from './status-record.ts';
import { targetGroups } from './target-groups.ts';

export interface PauseRouteParts {
  readonly store: Store;
  readonly groups: () => readonly GroupSettings[];
  /** Asks for a tick now. */
  readonly wake: () => void;
}

const PAUSE_BODY = z.strictObject({
  group: z.string('must be the name of a group').optional(),
  direction: z.enum(['in', 'out'], 'must be "in" or "out"').optional(),
});

/** Holding groups as they are, in one direction or both, and letting go; without a group all, without a body both directions. */
export function pauseRoutes({ store, groups, wake }: PauseRouteParts): readonly Route[] {
  const setPaused =
    (paused: boolean) =>
    (body: unknown): Answer => {
      const parsed = parseFields(PAUSE_BODY, body ?? {});
      if (parsed.kind !== 'parsed') return parsed;
      const { group, direction } = parsed.fields;
      const named = targetGroups(groups(), group);
      if (named.kind !== 'groups') return named;
      for (const { name } of named.groups) {
        const before = store.load(name).paused;
        store.setPaused(
          name,
          direction === undefined ? { in: paused, out: paused } : { ...before, [direction]: paused },
        );
      }
      wake();
      const records = groups().map(({ name }) => ({ name, ...pausedRecord(store.load(name).paused) }));
      return json({ paused: records.some((each) => each.paused), groups: records });
    };
  const route = (path: string, paused: boolean): Route => {
    const act = setPaused(paused);
    return { method: 'POST', path, access: 'write', answer: ({ body }) => act(body) };
  };
  return [route('/scaling/pause', true), route('/scaling/resume', false)];
}
