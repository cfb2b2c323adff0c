import type { RunResult } from './simulator.ts';

/** One policy's run. */
export interface ReportRow {
  /** As `--policy` named it. */
  readonly policy: string;
  readonly result: RunResult;
}

/** The `--json` text: an array with an object for each policy; an infinite wait and a cost without a price are null. */
export function toJsonReport(rows: readonly ReportRow[], pricePerHour: number | undefined): string {
  const objects = rows.map(({ policy, result }) => ({
    policy,
    wait_p50_seconds: finite(result.waitP50Seconds),
    wait_p99_seconds: finite(result.waitP99Seconds),
    wait_max_seconds: finite(result.waitMaxSeconds),
    replica_hours: rounded(result.replicaHours),
    actions: result.actions,
    cost: costOf(result, pricePerHour),
    unserved: result.unserved,
  }));
  return `${JSON.stringify(objects, null, 2)}\n`;
}

/** The table for people: a line for each policy, numbers to the right. */
export function toTable(rows: readonly ReportRow[], pricePerHour: number | undefined): string {
  const lines = rows.map(({ policy, result }) => [
    policy,
    seconds(result.waitP50Seconds),
    seconds(result.waitP99Seconds),
    seconds(result.waitMaxSeconds),
    result.replicaHours.toFixed(2),
    String(result.actions),
    costOf(result, pricePerHour)?.toFixed(2) ?? '-',
    String(result.unserved),
  ]);
  const table = [HEADINGS, ...lines];
  const widths = HEADINGS.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  const align = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return `${table.map((line) => line.map(align).join('  ').trimEnd()).join('\n')}\n`;
}

const HEADINGS = ['policy', 'wait p50', 'p99', 'max', 'replica-hours', 'actions', 'cost', 'unserved'];

function costOf({ replicaHours }: RunResult, pricePerHour: number | undefined): number | null {
  return pricePerHour === undefined ? null : rounded(replicaHours * pricePerHour);
}

function finite(value: number): number | null {
  return value === Infinity ? null : value;
}

function seconds(value: number): string {
  return value === Infinity ? 'never' : `${value.toFixed(1)} s`;
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
