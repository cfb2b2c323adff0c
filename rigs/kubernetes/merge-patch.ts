type Fields = Readonly<Record<string, unknown>>;

/** RFC 7396: fields of the patch replace those of the target, null takes them away, lists are replaced whole. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged: Record<string, unknown> = isFields(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/**
 * Kubernetes' strategic merge patch, as far as kubectl sends it for the kinds of the stand-in: lists of named things are merged by their key,
 * `$patch: delete` and `replace` and `$retainKeys` are heeded, orders of elements are not.
 */
export function strategicMerge(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const before: Fields = isFields(target) ? target : {};
  if (patch.$patch === 'replace') return without(patch, '$patch');
  const retained = patch.$retainKeys;
  const merged: Record<string, unknown> = Array.isArray(retained)
    ? Object.fromEntries(Object.entries(before).filter(([key]) => retained.includes(key)))
    : { ...before };
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    if (value === null) delete merged[key];
    else
      merged[key] = Array.isArray(value)
        ? mergeList(key, merged[key], value)
        : strategicMerge(merged[key], value);
  }
  return merged;
}

/** What tells the elements of a list apart, by the list's name; other lists are replaced. `ports` has one of two. */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  conditions: ['type'],
  containers: ['name'],
  env: ['name'],
  imagePullSecrets: ['name'],
  initContainers: ['name'],
  ownerReferences: ['uid'],
  ports: ['containerPort', 'port'],
  secrets: ['name'],
  volumeMounts: ['mountPath'],
  volumes: ['name'],
};

function mergeList(name: string, target: unknown, patch: readonly unknown[]): readonly unknown[] {
  const key = MERGE_KEYS[name]?.find((each) => patch.every((item) => isFields(item) && each in item));
  if (key === undefined) return patch;
  let merged: readonly unknown[] = Array.isArray(target) ? target : [];
  for (const item of patch.filter(isFields)) {
    const isIt = (other: unknown) => isFields(other) && other[key] === item[key];
    const before = merged.find(isIt);
    if (item.$patch === 'delete') merged = merged.filter((other) => !isIt(other));
    else if (before === undefined) merged = [...merged, item];
    else merged = merged.map((other) => (isIt(other) ? strategicMerge(other, item) : other));
  }
  return merged;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function without(fields: Fields, key: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([each]) => each !== key));
}
