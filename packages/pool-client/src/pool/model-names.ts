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
  const models = [...known].sort();
  if (name === undefined) {
    return models.length === 1
      ? { kind: 'known', model: models[0] as string }
      : { kind: 'ambiguous', models };
  }
  const meant = [name, name.slice(name.lastIndexOf('/') + 1)].flatMap((form) => [
    form,
    aliases.get(form) ?? form,
  ]);
  const model = meant.find((form) => known.has(form));
  return model === undefined ? { kind: 'unknown', models } : { kind: 'known', model };
}
