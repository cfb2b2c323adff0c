/** A value of YAML or JSON that has keys, else an empty one: foreign files are read leniently, a rule looks for what it knows. */
export function mapping(value: unknown): Readonly<Record<string, unknown>> {
  // `as` holds: what YAML and JSON make of a mapping is a plain object.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** The items of a list, else none. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What stands at a path of keys. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => mapping(found)[key], value);
}

/** A number, also one that is written as a text. */
export function numeric(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}
