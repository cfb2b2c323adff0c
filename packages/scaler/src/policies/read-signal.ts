import { freshSeconds } from '../values/sample.ts';
import type { PolicyContext } from './policy-context.ts';

/** A signal that can be decided on, or why not. */
export type ReadSignal =
  | { readonly kind: 'fresh'; readonly value: number }
  | { readonly kind: 'lost'; readonly because: string };

/** The value of `name` if it is there and not stale. A time stamp from the future counts as now. */
export function readSignal(
  name: string,
  { samples, nowMs, staleAfterSeconds }: Pick<PolicyContext, 'samples' | 'nowMs' | 'staleAfterSeconds'>,
): ReadSignal {
  const sample = samples[name];
  if (sample === undefined) return { kind: 'lost', because: `${name} is not measured` };
  if (sample.kind === 'missing') return { kind: 'lost', because: `${name} is missing: ${sample.reason}` };
  const ageSeconds = Math.max(0, (nowMs - sample.atMs) / 1_000);
  const freshForSeconds = freshSeconds(sample, staleAfterSeconds);
  if (ageSeconds > freshForSeconds) {
    const because = `${name} is ${ageSeconds.toFixed(0)} s old, more than ${freshForSeconds} s`;
    return { kind: 'lost', because };
  }
  return { kind: 'fresh', value: sample.value };
}
