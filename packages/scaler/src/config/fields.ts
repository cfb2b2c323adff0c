import { isIP } from 'node:net';
import { z } from 'zod';
import { nearestName } from './nearest-name.ts';

/** Schemas whose messages are all of the form "must be …", to follow the name of what was refused. */
export function integer(min: number, max: number): z.ZodInt {
  const error = `must be an integer from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** Both bounds included. */
export function number(min: number, max: number): z.ZodNumber {
  const error = `must be a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

/** Above 0. */
export function positive(max: number): z.ZodNumber {
  const error = `must be a number above 0 and at most ${max}`;
  return z.number({ error }).gt(0, { error }).max(max, { error });
}

/** Seconds as an integer, a day at most unless told. */
export function seconds(min: number, max = 86_400): z.ZodInt {
  return integer(min, max);
}

export function flag(): z.ZodBoolean {
  return z.boolean({ error: 'must be true or false' });
}

export function choice<const T extends readonly [string, ...string[]]>(
  options: T,
): z.ZodEnum<{ [Key in T[number]]: Key }> {
  return z.enum(options, {
    error: ({ input }) => {
      const meant = typeof input === 'string' ? nearestName(input, options) : undefined;
      return `must be one of ${options.join(', ')}${didYouMean(meant)}`;
    },
  });
}

/** The name of a group, policy or alarm. */
export function name(): z.ZodString {
  const error = 'must be a name of 1 to 63 letters, digits, dots, hyphens and underscores';
  return z.string({ error }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, { error });
}

/** The name of a signal; whether there is such a signal is a rule of the whole file. */
export function signalName(): z.ZodString {
  const error = 'must be the name of a signal, such as queued_work_seconds';
  return z.string({ error }).regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, { error });
}

/** A text in one line. */
export function text(what: string): z.ZodString {
  const error = `must be ${what}`;
  return z.string({ error }).regex(/^[^\p{Cc}]*\S[^\p{Cc}]*$/u, { error });
}

/** A key or token: what an HTTP header can carry. */
export function secret(): z.ZodString {
  const error = 'must be printable ASCII without spaces';
  return z.string({ error }).regex(/^[\x21-\x7e]+$/, { error });
}

export function httpUrl(): z.ZodString {
  const error = 'must be a URL that begins with http:// or https://';
  return z
    .string({ error })
    .regex(/^https?:\/\//i, { error })
    .refine((value) => URL.canParse(value), { error });
}

/** A gateway, or with `dns+` before it every gateway behind a name; its `/metrics` takes no credentials. */
export function gatewayUrl(): z.ZodString {
  const error =
    'must be a URL like http://gateway:8080 or dns+http://gateway:8080, without a user or password';
  return z
    .string({ error })
    .regex(/^(dns\+)?https?:\/\//i, { error })
    .refine((value) => URL.parse(value.replace(/^dns\+/i, ''))?.username === '', { error });
}

export function host(): z.ZodString {
  const error = 'must be an IP address or a host name, without a port';
  return z
    .string({ error })
    .refine((value) => isIP(value.replace(/^\[(.*)\]$/, '$1')) !== 0 || HOST_NAME.test(value), { error });
}

const HOST_NAME = /^[a-z0-9]([a-z0-9_.-]*[a-z0-9])?$/i;

/** Between `min` and `max` items. */
export function list<T extends z.ZodType>(
  item: T,
  what: string,
  min: number,
  max: number,
): z.ZodReadonly<z.ZodArray<T>> {
  const error = `must be a list of ${min === 0 ? `at most ${max}` : `${min} to ${max}`} ${what}`;
  return z.array(item, { error }).min(min, { error }).max(max, { error }).readonly();
}

/** A mapping that takes these keys and no other. For each key that it doesn't know its message has a line. */
export function closed<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return `must be a mapping with ${known.join(', ')}`;
      return issue.keys.map((key) => `is not a setting${didYouMean(nearestName(key, known))}`).join('\n');
    },
  });
}

/** `, did you mean X?`, or nothing. */
export function didYouMean(meant: string | undefined): string {
  return meant === undefined ? '' : `, did you mean ${meant}?`;
}
