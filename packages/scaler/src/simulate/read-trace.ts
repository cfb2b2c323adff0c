/** A trace, or what is wrong with its text. */
export type ReadTrace =
  | { readonly kind: 'trace'; readonly requests: Float64Array }
  | { readonly kind: 'problem'; readonly message: string };

/**
 * Reads a trace of `second,requests` rows into requests by second. The first line is that header; rows come in any order;
 * a second without a row has no requests; the trace ends with its last row's second.
 * Both are whole numbers from 0; two rows for one second are a mistake.
 */
export function readTrace(text: string): ReadTrace {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines[0]?.replaceAll(' ', '') !== 'second,requests')
    return problem(1, `expected the header "second,requests", got ${JSON.stringify(lines[0] ?? '')}`);
  const bySecond = new Map<number, number>();
  let lastSecond = -1;
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '') continue;
    const fields = line.split(',');
    const [second, requests] = fields.map((field) =>
      /^\s*\d+(\.0*)?\s*$/.test(field) ? Number(field) : undefined,
    );
    if (fields.length !== 2 || second === undefined || requests === undefined)
      return problem(index + 1, `expected two whole numbers "second,requests", got ${JSON.stringify(line)}`);
    if (second > MAX_SECOND) return problem(index + 1, `second must be at most ${MAX_SECOND}, got ${second}`);
    if (bySecond.has(second)) return problem(index + 1, `second ${second} has a row already`);
    bySecond.set(second, requests);
    lastSecond = Math.max(lastSecond, second);
  }
  if (lastSecond === -1) return { kind: 'problem', message: 'no rows' };
  const requests = new Float64Array(lastSecond + 1);
  for (const [second, count] of bySecond) requests[second] = count;
  return { kind: 'trace', requests };
}

/** A month. Seconds since 1970 would make a trace of decades. */
const MAX_SECOND = 31 * 86_400;

function problem(line: number, message: string): ReadTrace {
  return { kind: 'problem', message: `line ${line}: ${message}` };
}
