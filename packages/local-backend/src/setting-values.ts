import { z } from 'zod';

/** An integer, from its decimal text. */
export function integer(min: number, max: number): z.ZodType<number, string> {
  const message = `must be an integer from ${min} to ${max}`;
  return z
    .string()
    .regex(/^-?\d+$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

/** One of some names, spelled exactly. */
export function oneOf<const Name extends string>(...names: Name[]): z.ZodType<Name, string> {
  const message = `must be one of ${names.join(', ')}`;
  return z.string().transform((text, context) => {
    const found = names.find((name) => name === text);
    if (found !== undefined) return found;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

/** Bytes, from text such as `67108864`, `512m`, `8g` or `2GiB`. */
export function memory(minBytes: number): z.ZodType<number, string> {
  const message = `must be bytes, or a number with k, m or g, of at least ${minBytes} bytes`;
  return z.string().transform((text, context) => {
    const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(text);
    const scale = 1024 ** ['', 'k', 'm', 'g'].indexOf(match?.[2]?.toLowerCase() ?? '');
    const bytes = Math.floor(Number(match?.[1]) * scale);
    if (bytes >= minBytes) return bytes;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}
