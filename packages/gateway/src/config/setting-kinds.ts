import { isIP } from 'node:net';
import { z } from 'zod';
import { formatByteSize, parseByteSize } from './byte-size.ts';

/** One setting: what it accepts and how it explains itself. */
export interface Setting<T> {
  readonly fallback: T;
  /** The default for people. */
  readonly shownDefault: string;
  /** What a value must be, to follow `NAME must …`. */
  readonly must: string;
  /** What it is for, one sentence without a full stop. */
  readonly meaning: string;
  /** A value as people write it in the environment. */
  readonly show: (value: unknown) => string;
  /** Never shown, neither in messages nor in summaries. */
  readonly secret: boolean;
  /** Reads a value of the YAML file, or of the environment once `fromText` had it. */
  readonly schema: z.ZodType<T>;
  /** Gives an environment string the type that YAML would give it; the string itself when it has none. */
  readonly fromText: (text: string) => unknown;
}

type Explained<T> = Pick<Setting<T>, 'fallback' | 'meaning'> & Partial<Setting<T>>;

export function integer(min: number, max: number, fallback: number, meaning: string): Setting<number> {
  const schema = z.number().refine((value) => Number.isInteger(value) && value >= min && value <= max);
  return setting(`be an integer from ${min} to ${max}`, schema, {
    fallback,
    meaning,
    fromText: (text) => (/^-?\d+$/.test(text) ? Number(text) : text),
  });
}

/** A number of bytes, at least 1; `fallback` is shown in its unit. */
export function bytes(fallback: number, meaning: string): Setting<number> {
  const schema = z
    .union([z.number(), z.string().transform((text) => parseByteSize(text) ?? Number.NaN)])
    .refine((value) => Number.isSafeInteger(value) && value >= 1);
  return setting('be a number of bytes of at least 1, plain or with a unit like 256MiB', schema, {
    fallback,
    meaning,
    show: (value) => formatByteSize(Number(value)),
  });
}

export function choice<const T extends string>(
  options: readonly T[],
  fallback: T,
  meaning: string,
): Setting<T> {
  const schema = z
    .string()
    .transform((text) => options.find((option) => option === text.toLowerCase().replaceAll('_', '-')))
    .refine((option) => option !== undefined);
  // `as` holds: the refinement lets no undefined through.
  return setting(`be one of ${options.join(', ')}`, schema as unknown as z.ZodType<T>, { fallback, meaning });
}

export function flag(meaning: string): Setting<boolean> {
  return setting('be true or false (in the environment also 1, 0, on, off, yes, no)', z.boolean(), {
    fallback: false,
    meaning,
    shownDefault: 'off',
    fromText: (text) => {
      if (/^(1|true|on|yes)$/i.test(text)) return true;
      return /^(0|false|off|no)$/i.test(text) ? false : text;
    },
  });
}

/** A text without line breaks, such as a path. */
export function text(what: string, meaning: string): Setting<string | undefined> {
  return setting(`be ${what}`, z.string().regex(/^[^\p{Cc}]*\S[^\p{Cc}]*$/u), {
    fallback: undefined,
    meaning,
  });
}

/** A key or token: what an HTTP header can carry, never shown. */
export function secret(meaning: string): Setting<string | undefined> {
  const schema = z.string().regex(/^[\x21-\x7e]+$/);
  return setting('be printable ASCII without spaces', schema, { fallback: undefined, meaning, secret: true });
}

export function httpUrl(meaning: string): Setting<string | undefined> {
  const schema = z.string().refine((value) => URL.canParse(value) && /^https?:\/\//i.test(value));
  return setting('be a URL that begins with http:// or https://', schema, { fallback: undefined, meaning });
}

export function host(fallback: string, meaning: string): Setting<string> {
  const schema = z
    .string()
    .transform((value) => value.replace(/^\[(.*)\]$/, '$1').toLowerCase())
    .refine((value) => isIP(value) !== 0 || /^[a-z0-9]([a-z0-9_.-]*[a-z0-9])?$/.test(value));
  return setting('be an IP address or a host name, without a port', schema, { fallback, meaning });
}

/** A list of strings; in the environment, and if one likes in YAML, one string with commas. */
export function list(
  what: string,
  meaning: string,
  accepts: (item: string) => boolean = () => true,
  options: Partial<Setting<readonly string[]>> = {},
): Setting<readonly string[]> {
  const schema = z
    .union([z.string().transform((joined) => joined.split(',')), z.array(z.string())])
    .transform((items) => items.map((item) => item.trim()).filter((item) => item !== ''))
    .refine((items) => items.every(accepts));
  return setting(`be ${what}, with commas between (in YAML also a list)`, schema, {
    fallback: [],
    meaning,
    ...options,
  });
}

/** Pairs `alias=name`; in YAML also a mapping. An alias stands once. */
export function pairs(meaning: string): Setting<ReadonlyMap<string, string>> {
  const schema = z
    .union([
      z.string().transform((joined) =>
        joined
          .split(',')
          .filter((pair) => pair.trim() !== '')
          .map(splitPair),
      ),
      z.record(z.string(), z.string()).transform((record) => Object.entries(record)),
    ])
    .refine((entries) => entries.every(([alias, name]) => alias !== '' && name !== ''))
    .refine((entries) => new Set(entries.map(([alias]) => alias)).size === entries.length)
    .transform((entries) => new Map(entries));
  return setting(
    'be alias=model pairs with commas between (in YAML also a mapping), each alias once',
    schema,
    {
      fallback: new Map(),
      meaning,
    },
  );
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at < 0 ? ['', ''] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
}

function setting<T>(must: string, schema: z.ZodType<T>, explained: Explained<T>): Setting<T> {
  const show = explained.show ?? shownValue;
  const shownDefault = show(explained.fallback);
  return { must, schema, show, shownDefault, secret: false, fromText: (text) => text, ...explained };
}

function shownValue(value: unknown): string {
  if (value instanceof Map) return shownValue([...value].map(([alias, name]) => `${alias}=${name}`));
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return value === undefined ? 'none' : String(value);
}
