import { z } from 'zod';
import { choice, integer } from '../config/fields.ts';

/** Of the model server behind each replica. */
export const port: z.ZodDefault<z.ZodInt> = integer(1, 65_535).default(8080);

export const scheme: z.ZodDefault<z.ZodEnum<{ http: 'http'; https: 'https' }>> = choice([
  'http',
  'https',
]).default('http');

/** Of the model, as in a backend's URL. */
export const modelPath: z.ZodDefault<z.ZodString> = urlPath().default('/predictions/all-MiniLM-L6-v2');

/** What a driver does while something else scales the same replicas. */
export const onForeignScaler: z.ZodDefault<z.ZodEnum<{ refuse: 'refuse'; warn: 'warn' }>> = choice([
  'refuse',
  'warn',
]).default('refuse');

export function urlPath(): z.ZodString {
  const error = 'must be a path that begins with /';
  return z.string({ error }).startsWith('/', { error });
}

/** A text of so many characters, control characters and line breaks among them. */
export function anyText(min: number, max: number): z.ZodString {
  const error = `must be a text of ${min} to ${max} characters`;
  return z.string({ error }).min(min, { error }).max(max, { error });
}

/** A text of a form that only `what` tells. */
export function shaped(form: RegExp, what: string): z.ZodString {
  const error = `must be ${what}`;
  return z.string({ error }).regex(form, { error });
}

/** A mapping with any names. */
export function mapping<Key extends z.ZodString, Value extends z.ZodType>(
  key: Key,
  value: Value,
  what: string,
): z.ZodRecord<Key, Value> {
  return z.record(key, value, { error: `must be a mapping of ${what}` });
}
