/** One sample of an exposition; a histogram's are its `_bucket`, `_sum` and `_count`. */
export interface ExposedSeries {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** NaN and the infinities included. */
  readonly value: number;
  readonly timestampMs?: number;
}

export type ParsedExposition =
  | { readonly kind: 'parsed'; readonly series: readonly ExposedSeries[] }
  /** `line` counts from 1. */
  | { readonly kind: 'malformed'; readonly line: number; readonly problem: string };

/**
 * Reads the Prometheus text format, version 0.0.4, strictly: one wrong line and nothing counts, because a smaller sum is worse
 * than none. The last line must be ended, so a text that was cut off is noticed. Names in quotes (Prometheus 3) are not read.
 *
 * @example
 * parseExposition('up{job="a"} 1\n'); // { kind: 'parsed', series: [{ name: 'up', labels: Map { 'job' => 'a' }, value: 1 }] }
 */
export function parseExposition(text: string): ParsedExposition {
  const lines = text.split('\n');
  if (lines.pop() !== '') return malformed(lines.length + 1, 'it is not ended: the text was cut off');
  const series: ExposedSeries[] = [];
  const seen = new Set<string>();
  const typed = new Set<string>();
  for (const [index, line] of lines.entries()) {
    if (BLANK.test(line)) continue;
    const read = COMMENT.test(line) ? readComment(line, typed) : readSample(line, seen);
    if (typeof read === 'string') return malformed(index + 1, read);
    if (read !== undefined) series.push(read);
  }
  return { kind: 'parsed', series };
}

const BLANK = /^[ \t]*$/;
const COMMENT = /^[ \t]*#/;
const TYPE = /^[ \t]*#[ \t]+TYPE(?:[ \t]|$)/;
const TYPE_LINE =
  /^[ \t]*#[ \t]+TYPE[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]+(?:counter|gauge|histogram|summary|untyped)[ \t]*$/;
const NAME = /[ \t]*([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*/y;
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\[\\"n])*)"[ \t]*(,|(?=\}))/y;
const END_OF_LABELS = /[ \t]*\}/y;
const REST = /[ \t]*(\S+)(?:[ \t]+(\S+))?[ \t]*$/y;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const NOT_A_NUMBER = /^[+-]?nan$/i;
const TIMESTAMP = /^-?\d{1,15}$/;

/** What is wrong with it, or nothing: a comment says nothing that is used. */
function readComment(line: string, typed: Set<string>): string | undefined {
  if (!TYPE.test(line)) return undefined;
  const name = TYPE_LINE.exec(line)?.[1];
  if (name === undefined) return `no type is said: ${quote(line)}`;
  if (typed.has(name)) return `the type of ${name} is said a second time`;
  typed.add(name);
  return undefined;
}

/** A sample, or what is wrong with the line. */
function readSample(line: string, seen: Set<string>): ExposedSeries | string {
  const [head, name] = matchAt(NAME, line, 0) ?? [];
  if (head === undefined || name === undefined) return `no metric's name: ${quote(line)}`;
  let position = head.length;
  const labels = new Map<string, string>();
  if (line[position] === '{') {
    const end = readLabels(line, position + 1, labels);
    if (typeof end === 'string') return end;
    position = end;
  } else if (!/[ \t]$/.test(head)) {
    return `no metric's name: ${quote(line)}`;
  }
  const [, value = '', timestamp] = matchAt(REST, line, position) ?? [];
  const number = readNumber(value);
  if (number === undefined) return `no value: ${quote(line)}`;
  if (timestamp !== undefined && !TIMESTAMP.test(timestamp)) return `no timestamp: ${quote(timestamp)}`;
  const key = JSON.stringify([name, ...[...labels].sort(([a], [b]) => (a < b ? -1 : 1))]);
  if (seen.has(key)) return `the same series a second time: ${quote(line)}`;
  seen.add(key);
  return { name, labels, value: number, ...(timestamp && { timestampMs: Number(timestamp) }) };
}

/** Fills `labels`; gives the position behind the brace, or what is wrong. */
function readLabels(line: string, start: number, labels: Map<string, string>): number | string {
  let position = start;
  for (;;) {
    const end = matchAt(END_OF_LABELS, line, position);
    if (end) return position + end[0].length;
    const found = matchAt(LABEL, line, position);
    const [whole = '', name = '', value = ''] = found ?? [];
    if (!found) return `no label: ${quote(line.slice(position))}`;
    if (labels.has(name)) return `the label ${name} a second time`;
    labels.set(
      name,
      value.replaceAll(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped)),
    );
    position += whole.length;
  }
}

function readNumber(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  if (NOT_A_NUMBER.test(text)) return Number.NaN;
  const sign = INFINITE.exec(text)?.[1];
  return sign === undefined ? undefined : sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

function malformed(line: number, problem: string): ParsedExposition {
  return { kind: 'malformed', line, problem };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
