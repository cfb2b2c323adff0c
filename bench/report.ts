import { count, milliseconds, percent } from './format.ts';
import type { Summary } from './summary.ts';

/** Everything that a result file says. */
export interface Report {
  /** In ISO 8601. */
  readonly date: string;
  readonly command: string;
  readonly machine: readonly (readonly [string, string])[];
  /** How it was measured, a sentence each. */
  readonly notes: readonly string[];
  readonly sections: readonly Section[];
}

/** One scenario with its table. */
export interface Section {
  readonly title: string;
  readonly about: string;
  readonly rows: readonly Row[];
  /** What was left out, and why. */
  readonly missing: readonly string[];
}

/** One line of a table. */
export interface Row {
  readonly workload: string;
  readonly target: string;
  readonly summary: Summary;
}

/** The report as Markdown. */
export function renderReport(report: Report): string {
  return `${renderPreamble(report)}\n${report.sections.map(renderSection).join('\n')}`;
}

/** What stands above the tables as Markdown: when, what was typed, where and how. */
export function renderPreamble(report: Omit<Report, 'sections'>): string {
  const facts = report.machine.map(([name, value]) => `- ${name}: ${value}`).join('\n');
  const notes = report.notes.map((note) => `- ${note}`).join('\n');
  return `# Benchmark of ${report.date}\n\n\`${report.command}\`\n\n${facts}\n\n${notes}\n`;
}

/** One scenario as Markdown: a heading, what it is, its table and what is missing. */
export function renderSection({ title, about, rows, missing }: Section): string {
  const table = rows.length === 0 ? [] : [HEAD, RULE, ...rows.map(renderRow), ''];
  const left = missing.map((what) => `Left out: ${what}.`);
  return [`## ${title}`, '', `${about}.`, '', ...table, ...left, ...(left.length > 0 ? [''] : [])].join('\n');
}

const COLUMNS = [
  'workload',
  'target',
  'requests/s (slowest–fastest round)',
  'chunks/s',
  'p50 ms',
  'p99 ms',
  'CPU µs/request',
  'with backends',
  'failures',
  'wrong/checked',
  'load CPU',
  'foreign CPU',
  'steal',
];
const HEAD = `| ${COLUMNS.join(' | ')} |`;
const RULE = `| --- | --- |${' ---: |'.repeat(COLUMNS.length - 2)}`;

function renderRow({ workload, target, summary }: Row): string {
  const { cpu } = summary;
  const range = `${count(summary.slowestPerSecond)}–${count(summary.fastestPerSecond)}`;
  const cells = [
    workload,
    target,
    `${count(summary.requestsPerSecond)} (${range})`,
    count(summary.chunksPerSecond),
    milliseconds(summary.p50Ms),
    milliseconds(summary.p99Ms),
    cpu ? count(cpu.targetMicros) : '–',
    cpu ? count(cpu.withBackendsMicros) : '–',
    String(summary.refused + summary.broken),
    `${summary.wrong}/${summary.checked}`,
    cpu ? percent(cpu.loadRatio) : '–',
    cpu ? percent(cpu.foreignRatio) : '–',
    cpu ? percent(cpu.stealRatio) : '–',
  ];
  return `| ${cells.join(' | ')} |`;
}
