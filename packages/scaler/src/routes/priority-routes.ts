import { z } from 'zod';
import { invalidRequest } from '../refusal.ts';
import type { Priority, Store } from '../store/store.ts';
import { tenantWeight } from './backends-list.ts';
import { parseFields } from './parse-fields.ts';
import { json, type Route } from './route.ts';

const ID_MUST = 'must be a name of 1 to 128 printable ASCII characters, without spaces around it';
const PRIORITY_MUST = 'must be a number from 0 to 10';
const ALLOCATION_MUST = 'must be a number from 0 to 100, in percent';

// What gateways take as the name of a tenant.
const ID = z
  .string(ID_MUST)
  .regex(/^(?! )[\x20-\x7e]{1,128}(?<! )$/, ID_MUST)
  .optional();

const PRIORITY_BODY = z.strictObject({
  id: ID,
  match_id: ID,
  priority: z.number(PRIORITY_MUST).min(0, PRIORITY_MUST).max(10, PRIORITY_MUST),
  resource_allocation: z.number(ALLOCATION_MUST).min(0, ALLOCATION_MUST).max(100, ALLOCATION_MUST),
});

/** Document 004's priorities: an id is a tenant of the gateways. */
export function priorityRoutes(store: Store): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/scaling/priorities',
      access: 'read',
      answer: () =>
        json({
          priorities: store.priorities().map((each) => ({ match_id: each.id, ...priorityRecord(each) })),
        }),
    },
    {
      method: 'POST',
      path: '/scaling/priorities',
      access: 'write',
      answer: ({ body }) => {
        const parsed = parseFields(PRIORITY_BODY, body);
        if (parsed.kind !== 'parsed') return parsed;
        const { id: ownId, match_id, priority, resource_allocation } = parsed.fields;
        const id = ownId ?? match_id;
        if (id === undefined) {
          return invalidRequest([{ field: 'id', message: `id (or match_id) ${ID_MUST}; it is missing` }]);
        }
        if (match_id !== undefined && match_id !== id) {
          const message = 'match_id is another word for id: send one of them';
          return invalidRequest([{ field: 'match_id', message }]);
        }
        const isNew = store.priorities().every((each) => each.id !== id);
        const stored = { id, priority, resourceAllocation: resource_allocation };
        store.putPriority(stored);
        const echoed = match_id === undefined ? {} : { match_id };
        return json({ ...echoed, ...priorityRecord(stored) }, isNew ? 201 : 200);
      },
    },
    {
      method: 'DELETE',
      path: '/scaling/priorities/:id',
      access: 'write',
      answer: ({ params: { id = '' } }) =>
        store.deletePriority(id)
          ? json({ id, match_id: id, deleted: true })
          : { kind: 'not_found', message: `there is no priority of ${JSON.stringify(id.slice(0, 128))}` },
    },
  ];
}

function priorityRecord(priority: Priority) {
  return {
    id: priority.id,
    priority: priority.priority,
    resource_allocation: priority.resourceAllocation,
    /** What it becomes in `GET /v1/backends`. */
    weight: tenantWeight(priority),
  };
}
