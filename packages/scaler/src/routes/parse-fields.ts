import type { z } from 'zod';
import { nearestName } from '../config/nearest-name.ts';
import { invalidRequest, type Problem, type Refusal } from '../refusal.ts';

/** Fields that are as they must be. */
export interface Parsed<Fields> {
  readonly kind: 'parsed';
  readonly fields: Fields;
}

/** More than these are not listed: a body may have thousands. */
const MAX_PROBLEMS = 20;

/**
 * A body or query by its schema, or a refusal that names each field at fault. Errors of the schema say what a field "must be"; an
 * unknown field comes first, since it often explains a missing one.
 */
export function parseFields<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  sent: unknown,
): Parsed<z.output<z.ZodObject<Shape>>> | Refusal {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) {
    const names = Object.keys(schema.shape).join(', ');
    const message = `the body must be a JSON object of ${names}; got ${shorten(sent)}`;
    return { kind: 'invalid_request', message };
  }
  const parsed = schema.safeParse(sent);
  if (parsed.success) return { kind: 'parsed', fields: parsed.data };
  const known = Object.keys(schema.shape);
  const unknown = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => unknownField(key, known)) : [],
  );
  const wrong = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? [] : [wrongField(issue, sent)],
  );
  const [first, ...rest] = [...unknown, ...wrong].slice(0, MAX_PROBLEMS);
  // A failed parse has at least one issue.
  return invalidRequest([first as Problem, ...rest]);
}

function unknownField(field: string, known: readonly string[]): Problem {
  const nearest = nearestName(field, known);
  const hint = nearest === undefined ? `there are ${known.join(', ')}` : `did you mean ${nearest}?`;
  return { field, message: `there is no field ${shorten(field)}: ${hint}` };
}

function wrongField(issue: z.core.$ZodIssue, sent: object): Problem {
  const field = String(issue.path[0] ?? '');
  const value: unknown = Object.hasOwn(sent, field) ? Reflect.get(sent, field) : undefined;
  const is = value === undefined ? 'it is missing' : `got ${shorten(value)}`;
  return { field, message: `${field} ${issue.message}; ${is}` };
}

/** What was sent, as far as a message has room for it; of what is nested only its kind, however deep it goes. */
function shorten(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value);
  return text.length <= 120 ? text : `${text.slice(0, 120)}…`;
}
