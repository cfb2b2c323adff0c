import type { CellResult } from './cell.ts';
import type { Outcome } from './load.ts';

/** Below this a p99 says more about this machine than about the gateway, in milliseconds. */
export const CALM_FLOOR_MS = 60;

/** A cell in numbers; all times in milliseconds but `backS`. */
export type CellRow = {
  readonly fault: string;
  readonly backends: number;
  readonly requests: number;
  readonly ok: number;
  /** Count by status, like `502×3`. */
  readonly failed: string;
  readonly wrong: number;
  readonly lost: number;
  readonly p50CalmMs: number;
  readonly p99CalmMs: number;
  readonly p99FirstSecondMs: number;
  readonly p50AfterMs: number;
  readonly p99AfterMs: number;
  /** p99 after the first second over that without the fault, which counts as {@link CALM_FLOOR_MS} at least. */
  readonly ratio: number;
  readonly maxMs: number;
  /** Until all backends are `serving` after the fault was cleared. */
  readonly backS: number;
  /** From the fault's end until a single that was sent after it is answered rightly, infinite where none is. */
  readonly answerS: number;
  readonly lagMs: number;
};

export function rowOf({ fault, backends, calm, faulty, after, backMs, lagMs }: CellResult): CellRow {
  const all = [...calm, ...faulty, ...after];
  const p99CalmMs = percentileMs(calm, 0.99);
  const later = faulty.filter(({ sentMs }) => sentMs >= 1_000);
  const p99AfterMs = percentileMs(later, 0.99);
  return {
    fault,
    backends,
    requests: all.length,
    ok: count(all, 'right'),
    failed: byStatus(all),
    wrong: count(all, 'wrong') + count(all, 'ill-formed'),
    lost: count(all, 'lost'),
    p50CalmMs: percentileMs(calm, 0.5),
    p99CalmMs,
    p99FirstSecondMs: percentileMs(
      faulty.filter(({ sentMs }) => sentMs < 1_000),
      0.99,
    ),
    p50AfterMs: percentileMs(later, 0.5),
    p99AfterMs,
    ratio: round(p99AfterMs / Math.max(CALM_FLOOR_MS, p99CalmMs), 2),
    maxMs: Math.round(Math.max(...all.map(({ tookMs }) => tookMs))),
    backS: round(backMs / 1_000, 2),
    answerS: round(rightAfterMs(after) / 1_000, 2),
    lagMs: Math.round(lagMs),
  };
}

function rightAfterMs(after: readonly Outcome[]): number {
  const right = after.find(({ verdict }) => verdict === 'right');
  return right ? right.sentMs + right.tookMs : Number.POSITIVE_INFINITY;
}

function count(outcomes: readonly Outcome[], verdict: Outcome['verdict']): number {
  return outcomes.filter((outcome) => outcome.verdict === verdict).length;
}

/** Failures by status, the most frequent first. */
export function byStatus(outcomes: readonly Outcome[]): string {
  const counts = new Map<number, number>();
  for (const { verdict, status } of outcomes) {
    if (verdict === 'refused' || verdict === 'ill-formed') counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([status, times]) => `${status}×${times}`).join(' ') || '0';
}

/** Of the times of these, answers and failures alike; 0 where there is none. */
export function percentileMs(outcomes: readonly Outcome[], share: number): number {
  const times = outcomes.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
