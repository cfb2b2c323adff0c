import type { PolicyContext } from './policy-context.ts';

/**
 * How many replicas were ready when a signal was measured: a mean over them says nothing of those that came later. CloudWatch's values are minutes old, and one
 * that is multiplied with today's count would be acted on twice. The first decision after the measurement saw what was ready then.
 */
export function readyWhenMeasured(
  signal: string,
  { samples, past, ready }: Pick<PolicyContext, 'samples' | 'past' | 'ready'>,
): number {
  const sample = samples[signal];
  if (sample === undefined) return ready;
  return past.find(({ decidedAtMs }) => decidedAtMs > sample.atMs)?.ready ?? ready;
}
