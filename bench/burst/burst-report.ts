import { count, milliseconds } from '../format.ts';
import { percentile } from '../percentile.ts';
import { type BurstResult, failureCount } from './burst.ts';
import type { ScalerCounts } from './scaler-counts.ts';

/** What is known between two lines of progress. */
export interface Progress {
  readonly soFar: BurstResult;
  /** At the line before this one. */
  readonly before: Pick<BurstResult, 'seconds'> & { readonly answers: number };
  readonly chunksPerRequest: number;
  /** `undefined` when no scaler is asked, `unknown` when it doesn't answer. */
  readonly counts: ScalerCounts | 'unknown' | undefined;
}

/** `  12 s    1,234 requests   98.2 chunks/s  0 failed  1 ready of 2 desired`. */
export function progressLine({ soFar, before, chunksPerRequest, counts }: Progress): string {
  const answers = soFar.latenciesMs.length;
  const seconds = soFar.seconds - before.seconds;
  return [
    `${Math.round(soFar.seconds)} s`.padStart(6),
    `${answers.toLocaleString('en-US')} answers`.padStart(14),
    `${count(((answers - before.answers) * chunksPerRequest) / seconds)} chunks/s`.padStart(15),
    `${failureCount(soFar)} failed`.padStart(9),
    ...(counts === undefined ? [] : [countsText(counts)]),
  ].join('  ');
}

/** The end's figures, a line each. */
export function burstSummary(result: BurstResult, chunksPerRequest: number): string {
  const { latenciesMs, seconds, firstAnswerSeconds } = result;
  const first =
    firstAnswerSeconds === undefined ? 'none' : `after ${milliseconds(firstAnswerSeconds * 1_000)} ms`;
  const lines = [
    ['requests', `${result.requests.toLocaleString('en-US')} in ${seconds.toFixed(1)} s`],
    ['chunks/s', count((latenciesMs.length * chunksPerRequest) / seconds)],
    ['first answer', first],
    ['p50', `${milliseconds(percentile(latenciesMs, 0.5))} ms`],
    ['p99', `${milliseconds(percentile(latenciesMs, 0.99))} ms`],
    ['checked', `${result.checked.toLocaleString('en-US')} answers`],
    ['failures', failuresText(result)],
    ...(result.firstError === undefined ? [] : [['first error', result.firstError]]),
  ];
  return `${lines.map(([name, value]) => `${name?.padEnd(14)}${value}`).join('\n')}\n`;
}

function failuresText(result: BurstResult): string {
  const total = failureCount(result);
  if (total === 0) return '0';
  const each = Object.entries(result.failures).map(([what, times]) => `${times} × ${what}`);
  return `${total}: ${each.join(', ')}`;
}

function countsText(counts: ScalerCounts | 'unknown'): string {
  return counts === 'unknown'
    ? 'the scaler does not say'
    : `${counts.ready} ready of ${counts.desired} desired`;
}
