/** Which model a caller's name means. */
export type ModelChoice =
  | { readonly kind: 'known'; readonly model: string }
  /** No backend has shown any model yet: the name may turn out to be right. */
  | { readonly kind: 'undetermined' }
  | { readonly kind: 'unknown'; readonly models: readonly string[] }
  /** No name was given and there are several. */
  | { readonly kind: 'ambiguous'; readonly models: readonly string[] };

/**
 * Resolves a caller's model name: the exact name, an alias, or a name with an organisation before it
 * (`sentence-transformers/all-MiniLM-L6-v2`). Without a name the only model there is.
 */
export function chooseModel(
  name: string | undefined,
  known: ReadonlySet<string>,
  aliases: ReadonlyMap<string, string>,
  sourcePending: boolean,
): ModelChoice {
  if (known.size === 0) return sourcePending ? { kind: 'undetermined' } : { kind: 'unknown', models: [] };
  if (name === undefined) {
    const [only] = known;
    return known.size === 1 && only !== undefined
      ? { kind: 'known', model: only }
      : { kind: 'ambiguous', models: [...known].sort() };
  }
  if (known.has(name)) return { kind: 'known', model: name };
  const bare = name.slice(name.lastIndexOf('/') + 1);
  const model = [aliases.get(name), bare, aliases.get(bare)].find(
    (form) => form !== undefined && known.has(form),
  );
  return model === undefined ? { kind: 'unknown', models: [...known].sort() } : { kind: 'known', model };
}
