/** What a document says, how it is configured, what happened in a run. */
export type SystemRow = readonly [says: string, configured: string, happened: string];

/** As a table of Markdown, in columns of equal width. */
export function systemTable(rows: readonly SystemRow[]): string {
  const all: readonly SystemRow[] = [['document says', 'configured as', 'what happened'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head, ...body] = all.map(line);
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body].join('\n');
}
