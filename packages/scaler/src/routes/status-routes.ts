import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { decisionRecord } from '../records/decision-record.ts';
import type { Store } from '../store/store.ts';
import type { Decision } from '../values/decision.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import { lastTickRecord } from './last-tick-record.ts';
import { parseFields } from './parse-fields.ts';
import { json, type Route } from './route.ts';
import { statusRecord } from './status-record.ts';
import { targetGroups } from './target-groups.ts';

export interface StatusRouteParts {
  readonly store: Store;
  readonly groups: () => readonly GroupSettings[];
  /** The name of a group's driver, as in `SCALER_DRIVER`. */
  readonly driverOf: (group: string) => string;
  /** The last decision of a group where this scaler made it; not every quiet tick is stored. */
  readonly lastDecision: (group: string) => Decision | undefined;
  readonly dryRun: boolean;
  readonly clock: Clock;
}

const LIMIT_MUST = `must be a whole number from 1 to 1000`;
const DECISIONS_QUERY = z.strictObject({
  limit: z
    .string(LIMIT_MUST)
    .regex(/^\d{1,4}$/, LIMIT_MUST)
    .transform(Number)
    .pipe(z.number().min(1, LIMIT_MUST).max(1_000, LIMIT_MUST))
    .default(100),
  group: z.string('must be the name of a group, once').optional(),
});

/** What is, what was decided last, and before. */
export function statusRoutes(parts: StatusRouteParts): readonly Route[] {
  const { store, groups, driverOf, lastDecision, dryRun, clock } = parts;
  const lastOf = (group: string) => lastDecision(group) ?? store.decisions(1, group)[0];
  return [
    {
      method: 'GET',
      path: '/scaling/status',
      access: 'read',
      answer: () => {
        const now = groups().map((settings) => ({
          settings,
          state: store.load(settings.name),
          decision: lastOf(settings.name),
          driver: driverOf(settings.name),
        }));
        return json(statusRecord(now, { nowMs: clock.nowMs(), dryRun }));
      },
    },
    {
      method: 'GET',
      path: '/scaling/decision',
      access: 'read',
      answer: () => json(lastTickRecord(groups(), lastOf)),
    },
    {
      method: 'GET',
      path: '/scaling/decisions',
      access: 'read',
      answer: ({ query }) => {
        const parsed = parseFields(DECISIONS_QUERY, query);
        if (parsed.kind !== 'parsed') return parsed;
        const { limit, group } = parsed.fields;
        const named = targetGroups(groups(), group);
        if (named.kind !== 'groups') return named;
        return json({ decisions: store.decisions(limit, group).map(decisionRecord) });
      },
    },
  ];
}
