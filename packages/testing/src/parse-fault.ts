import type { Fault } from './fault.ts';
import { errorNames } from './refusal.ts';

/**
 * Reads faults that came as JSON: one, or a list. Throws a `TypeError` that names the kind, the field and what it must be;
 * an unknown field is an error too.
 *
 * @example
 * parseFaults({ kind: 'slow', factor: 10, count: 5 });
 */
export function parseFaults(value: unknown): readonly Fault[] {
  return Array.isArray(value) ? value.map(parseFault) : [parseFault(value)];
}

function parseFault(value: unknown): Fault {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`a fault must be an object with a kind, got ${JSON.stringify(value)}`);
  }
  const given: Readonly<Record<string, unknown>> = { ...value };
  const kind = String(given.kind);
  if (!isKind(kind)) {
    throw new TypeError(`the kind of a fault must be ${Object.keys(fieldsByKind).join(', ')}, got ${kind}`);
  }
  const fields: Readonly<Record<string, Field>> = { ...scopeFields, ...fieldsByKind[kind] };
  for (const name of Object.keys(given)) {
    if (name !== 'kind' && !fields[name]) throw new TypeError(`the fault ${kind} has no field ${name}`);
  }
  for (const [name, field] of Object.entries(fields)) {
    const missing = given[name] === undefined;
    if (missing ? field.required : !field.accepts(given[name])) {
      throw new TypeError(
        `${name} of the fault ${kind} must be ${field.form}, got ${JSON.stringify(given[name])}`,
      );
    }
  }
  return given as Fault; // each field of this kind was checked just above
}

type Field = {
  readonly form: string;
  readonly required: boolean;
  readonly accepts: (value: unknown) => boolean;
};

function number(form: string, accepts: (value: number) => boolean): Field {
  return { form, required: false, accepts: (value) => typeof value === 'number' && accepts(value) };
}

function oneOf(...words: readonly string[]): Field {
  return { form: words.join(' or '), required: true, accepts: (value) => words.includes(String(value)) };
}

const required = (field: Field): Field => ({ ...field, required: true });
const wholeNumber = number('a whole number of at least 0', (value) => Number.isInteger(value) && value >= 0);
const positive = number('a number of at least 0', (value) => value >= 0);
const index = { index: wholeNumber };

const scopeFields = {
  probability: number('a number from 0 to 1', (value) => value >= 0 && value <= 1),
  count: wholeNumber,
  afterRequests: wholeNumber,
};

const fieldsByKind: Readonly<Record<Fault['kind'], Readonly<Record<string, Field>>>> = {
  hang: {},
  reset: {},
  slow: { factor: positive, extraMs: positive },
  error: { error: oneOf(...errorNames) },
  'refuse-all': {},
  poison: {
    marker: {
      form: 'a text that is not empty',
      required: true,
      accepts: (value) => typeof value === 'string' && value !== '',
    },
  },
  'slow-start': { forMs: required(positive), answer: oneOf('not-ready', 'refused') },
  'wrong-count': {
    by: required(number('a whole number other than 0', (n) => Number.isInteger(n) && n !== 0)),
  },
  'not-a-number': { value: oneOf('NaN', 'null'), ...index },
  'wrong-dimensions': { dimensions: required(wholeNumber), which: oneOf('all', 'one'), ...index },
  swapped: index,
  'zero-vector': index,
  truncated: {},
  'cut-json': {},
  'malformed-json': { at: oneOf('middle', 'end') },
  ping: { status: oneOf('Healthy', 'Unhealthy', 'PENDING', 'FAILED') },
};

function isKind(kind: string): kind is Fault['kind'] {
  return Object.hasOwn(fieldsByKind, kind);
}
