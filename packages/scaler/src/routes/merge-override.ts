import { invalidRequest, type Refusal } from '../refusal.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The overrides of the configuration after one more partial change: its fields replace those of before, `null` takes a field back to what
 * file and environment say. Entries of `groups` are merged by their `name` in the same way; that of
 * the main group is the same as fields at the top. What fields mean is checked by who applies it.
 */
export function mergeOverride(
  before: unknown,
  change: unknown,
  main: string | undefined,
): { readonly kind: 'merged'; readonly override: JsonObject } | Refusal {
  if (!isObject(change) || Object.keys(change).length === 0) {
    const message = 'the body must be a JSON object of what is to change, such as {"max_instances": 12}';
    return { kind: 'invalid_request', message };
  }
  const { groups: changed, ...fields } = change;
  const { groups: known, ...rest } = isObject(before) ? before : {};
  if (changed === null) return { kind: 'merged', override: mergeFields(rest, fields) };
  const changes = changed === undefined ? [] : namedObjects(changed);
  if (changes === undefined) {
    const message = 'groups must be a list of objects, each with the name of its group';
    return invalidRequest([{ field: 'groups', message }]);
  }
  const twice = changes.find(({ name }, i) => changes.findIndex((each) => each.name === name) !== i);
  if (twice !== undefined) {
    const message = `groups must name each group once, got ${JSON.stringify(twice.name)} twice`;
    return invalidRequest([{ field: 'groups', message }]);
  }
  const merged = new Map((namedObjects(known) ?? []).map((group) => [group.name, group]));
  let top = mergeFields(rest, fields);
  for (const group of changes) {
    const { name, ...own } = group;
    if (name === main) top = mergeFields(top, own);
    else merged.set(name, { ...mergeFields(merged.get(name) ?? {}, own), name });
  }
  const groups = [...merged.values()].filter((group) => Object.keys(group).length > 1);
  return { kind: 'merged', override: withGroups(top, groups) };
}

function mergeFields(before: JsonObject, change: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== null));
}

function withGroups(top: JsonObject, groups: readonly JsonObject[]): JsonObject {
  return groups.length === 0 ? top : { ...top, groups };
}

type Named = JsonObject & { readonly name: string };

function namedObjects(value: unknown): readonly Named[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((each): each is Named => isObject(each) && typeof each.name === 'string')
    ? value
    : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
