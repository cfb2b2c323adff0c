import { count, milliseconds, percent } from '../format.ts';
import { type DuelSummary, failedRequests } from './duel-summary.ts';

/** What one rival did under one workload. */
export interface DuelRow {
  readonly rival: string;
  readonly summary: DuelSummary;
  /** Noisy rounds that were thrown away. */
  readonly repeats: number;
  /** Chunks/s of the same rival in the workload without what disturbs it, where there is one. */
  readonly undisturbedPerSecond?: number;
}

/** One workload with its table. */
export interface DuelTable {
  readonly title: string;
  readonly about: string;
  readonly rows: readonly DuelRow[];
}

/** A workload as Markdown: a heading, what it is, its table, and what failed. */
export function renderTable({ title, about, rows }: DuelTable): string {
  const disturbed = rows.some(({ undisturbedPerSecond }) => undisturbedPerSecond !== undefined);
  const columns = disturbed ? [...COLUMNS.slice(0, 3), 'lost to the queries', ...COLUMNS.slice(3)] : COLUMNS;
  const head = `| ${columns.join(' | ')} |\n| --- |${' ---: |'.repeat(columns.length - 1)}`;
  const lines = rows.map((row) => `| ${cells(row, disturbed).join(' | ')} |`);
  const failures = rows.flatMap(({ rival, summary }) =>
    summary.failures.size === 0 ? [] : [`${rival}: ${[...summary.failures].map(failure).join(', ')}.`],
  );
  const failed = failures.length === 0 ? '' : `\nFailures. ${failures.join(' ')}\n`;
  return `## ${title}\n\n${about}.\n\n${head}\n${lines.join('\n')}\n${failed}`;
}

const COLUMNS: readonly string[] = [
  'rival',
  'chunks/s (slowest–fastest round)',
  'share of ideal',
  'p50 ms',
  'p99 ms',
  'max ms',
  'failures',
  'wrong/checked answers',
  'CPU',
  'load CPU',
  'foreign CPU',
  'steal',
  'repeats',
];

function cells({ rival, summary, repeats, undisturbedPerSecond }: DuelRow, disturbed: boolean): string[] {
  const { cpu, failures } = summary;
  const failed = failedRequests(failures);
  const range = `${count(summary.slowestPerSecond)}–${count(summary.fastestPerSecond)}`;
  const lost = 1 - summary.chunksPerSecond / (undisturbedPerSecond ?? Number.NaN);
  return [
    rival,
    `${count(summary.chunksPerSecond)} (${range})`,
    percent(summary.shareOfIdeal),
    ...(disturbed ? [percent(lost)] : []),
    milliseconds(summary.p50Ms),
    milliseconds(summary.p99Ms),
    milliseconds(summary.maxMs),
    failed.toLocaleString('en-US'),
    `${failures.get('wrong vectors') ?? 0}/${summary.checked.toLocaleString('en-US')}`,
    percent(cpu?.targetRatio ?? Number.NaN),
    percent(cpu?.loadRatio ?? Number.NaN),
    percent(cpu?.foreignRatio ?? Number.NaN),
    percent(cpu?.stealRatio ?? Number.NaN),
    String(repeats),
  ];
}

function failure([why, times]: readonly [string, number]): string {
  return `${times.toLocaleString('en-US')} × ${why}`;
}
