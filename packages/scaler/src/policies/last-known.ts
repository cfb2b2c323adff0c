import type { PolicyContext } from './policy-context.ts';

/** The last value above nothing that was seen of `name`, however old: for what stays true while nobody measures it, such as a speed. */
export function lastKnown(
  name: string,
  { past, samples }: Pick<PolicyContext, 'past' | 'samples'>,
): number | undefined {
  const now = samples[name];
  if (now?.kind === 'value' && now.value > 0) return now.value;
  for (let i = past.length - 1; i >= 0; i -= 1) {
    const seen = past[i]?.signals[name];
    if (seen !== undefined && seen.kind !== 'missing' && seen.value > 0) return seen.value;
  }
  return undefined;
}
