import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

type Cell = string | number;

/** Which parts run: all, or those whose name `FAULTS_ONLY`, a regular expression, matches. */
export function isWanted(name: string): boolean {
  const only = process.env.FAULTS_ONLY;
  return only === undefined || only === '' || new RegExp(only, 'i').test(name);
}

/** Prints rows of one part as a table for people, and adds them to the JSON file that `FAULTS_REPORT` names. */
export function report(part: string, rows: readonly Readonly<Record<string, Cell>>[]): void {
  if (rows.length === 0) return;
  process.stdout.write(`\n${part}\n${tableOf(rows)}\n`);
  const path = process.env.FAULTS_REPORT;
  if (!path) return;
  const earlier: Record<string, unknown> = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version };
  const parts = { ...earlier, machine, [part]: { at: new Date().toISOString(), rows } };
  writeFileSync(path, `${JSON.stringify(parts, null, 2)}\n`);
}

/** A table in Markdown, its columns as wide as their widest cell. */
function tableOf(rows: readonly Readonly<Record<string, Cell>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))];
  const widths = names.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const print = (line: readonly string[]) =>
    `| ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [print(names), rule, ...lines.slice(1).map(print)].join('\n');
}
