import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { invalidRequest, type Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import { parseFields } from './parse-fields.ts';
import { json, type Route } from './route.ts';
import { manualRecord } from './status-record.ts';
import { targetGroup } from './target-groups.ts';

export interface ScaleRouteParts {
  readonly store: Store;
  readonly groups: () => readonly GroupSettings[];
  readonly clock: Clock;
  /** Asks for a tick now. */
  readonly wake: () => void;
}

/** How long a count set by hand holds unless told. */
const HELD_SECONDS = 3_600;

const TARGET_MUST = 'must be a whole number from min_instances to max_instances';
const REASON_MUST = 'must be a text of 1 to 500 characters';
const EXPIRES_MUST =
  'must be a number of seconds from 1 to 31536000 (a year), or null to hold until it is released';
const GROUP = z.string('must be the name of a group').optional();

const SCALE_BODY = z.strictObject({
  target_instances: z.int(TARGET_MUST),
  reason: z.string(REASON_MUST).regex(/\S/, REASON_MUST).max(500, REASON_MUST),
  group: GROUP,
  expires_in_seconds: z
    .number(EXPIRES_MUST)
    .min(1, EXPIRES_MUST)
    .max(31_536_000, EXPIRES_MUST)
    .nullable()
    .default(HELD_SECONDS),
});
const RELEASE_QUERY = z.strictObject({ group: GROUP });

/** Setting the count by hand, and letting go of it. */
export function scaleRoutes({ store, groups, clock, wake }: ScaleRouteParts): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/scaling/scale',
      access: 'write',
      answer: ({ body }) => {
        const parsed = parseFields(SCALE_BODY, body);
        if (parsed.kind !== 'parsed') return parsed;
        const { target_instances: target, reason, expires_in_seconds } = parsed.fields;
        const named = targetGroup(groups(), parsed.fields.group);
        if (named.kind !== 'group') return named;
        const outside = outsideBounds(named.group, target);
        if (outside) return outside;
        const { name } = named.group;
        const heldMs = (expires_in_seconds ?? Number.POSITIVE_INFINITY) * 1_000;
        const manual = { target, reason, untilMs: clock.nowMs() + heldMs };
        store.setManual(name, manual);
        wake();
        return json({ group: name, ...manualRecord(manual) });
      },
    },
    {
      method: 'DELETE',
      path: '/scaling/scale',
      access: 'write',
      answer: ({ query }) => {
        const parsed = parseFields(RELEASE_QUERY, query);
        if (parsed.kind !== 'parsed') return parsed;
        const named = targetGroup(groups(), parsed.fields.group);
        if (named.kind !== 'group') return named;
        const { name } = named.group;
        const { manual } = store.load(name);
        store.setManual(name, undefined);
        wake();
        return json({ group: name, released: manual !== undefined && manual.untilMs > clock.nowMs() });
      },
    },
  ];
}

function outsideBounds({ name, min, max }: GroupSettings, target: number): Refusal | undefined {
  if (target >= min && target <= max) return undefined;
  const bound = target < min ? `at least min_instances, ${min}` : `at most max_instances, ${max}`;
  return invalidRequest([
    {
      field: 'target_instances',
      message: `target_instances of group ${name} must be ${bound}; got ${target}`,
    },
  ]);
}
