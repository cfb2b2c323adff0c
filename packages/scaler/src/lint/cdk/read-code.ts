/** A call or a `new` in TypeScript or JavaScript. */
export interface Call {
  /** `asg` in `this.asg.scaleOnCpuUtilization(…)`; empty without one. */
  readonly receiver: string;
  /** `scaleOnCpuUtilization`, or the class after `new`. */
  readonly method: string;
  /** The variable or field that it is assigned to; empty where none. */
  readonly assignedTo: string;
  readonly line: number;
  /** The members of the last object literal among its arguments. */
  readonly properties: ReadonlyMap<string, Property>;
}

/** One member of an object literal: its text as written. */
export interface Property {
  readonly text: string;
  readonly line: number;
}

/** A program as far as rules need it. */
export interface CodeSubject {
  readonly calls: readonly Call[];
}

const CALL = /(?:(?:(?:const|let|var)\s+|this\.)(\w+)[^=;(){}]*=\s*(?:await\s+)?)?(?:new\s+)?([\w.]+)\s*\(/g;

/**
 * Finds calls without a compiler: strings and comments are blanked, then brackets are matched. It knows no types and no
 * other file; what it can't tell (a value from a function, a spread) the rules don't see.
 */
export function readCode(text: string): CodeSubject {
  const blanked = blank(text);
  const lineOf = lineCounter(text);
  const calls = [...blanked.matchAll(CALL)].map((match): Call => {
    const [whole, assignedTo = '', dotted = ''] = match;
    const names = dotted.split('.');
    const open = match.index + whole.length - 1;
    return {
      receiver: names.at(-2) ?? '',
      method: names.at(-1) ?? '',
      assignedTo,
      line: lineOf(match.index + whole.indexOf(dotted)),
      properties: propertiesIn(text, blanked, open, lineOf),
    };
  });
  return { calls };
}

function propertiesIn(
  text: string,
  blanked: string,
  open: number,
  lineOf: (offset: number) => number,
): Map<string, Property> {
  const properties = new Map<string, Property>();
  const object = lastObject(blanked, open);
  if (object === undefined) return properties;
  for (const [start, end] of parts(blanked, object)) {
    const [whole, key] = /^\s*(\w+)\s*:?/.exec(blanked.slice(start, end)) ?? [];
    if (whole === undefined || key === undefined) continue;
    const value = whole.endsWith(':') ? text.slice(start + whole.length, end) : key;
    // Comments are blank; what a string said is taken from the text.
    const keyOffset = start + whole.indexOf(key);
    properties.set(key, { text: value.trim(), line: lineOf(keyOffset) });
  }
  return properties;
}

/** The offset of the `{` that begins the last object literal among the arguments after `open`. */
function lastObject(blanked: string, open: number): number | undefined {
  let depth = 0;
  let found: number | undefined;
  for (let i = open; i < blanked.length; i += 1) {
    const letter = blanked[i] ?? '';
    if (letter === '{' && depth === 1 && /[,(]\s*$/.test(blanked.slice(open, i))) found = i;
    if ('([{'.includes(letter)) depth += 1;
    if (')]}'.includes(letter)) depth -= 1;
    if (depth === 0) return found;
  }
  return undefined;
}

/** Start and end of each member between the braces of an object literal. */
function parts(blanked: string, object: number): [start: number, end: number][] {
  const found: [number, number][] = [];
  let depth = 0;
  let start = object + 1;
  for (let i = object; i < blanked.length; i += 1) {
    const letter = blanked[i] ?? '';
    if ('([{'.includes(letter)) depth += 1;
    if (')]}'.includes(letter)) depth -= 1;
    if ((letter === ',' && depth === 1) || depth === 0) {
      found.push([start, i]);
      start = i + 1;
    }
    if (depth === 0) break;
  }
  return found;
}

/** The same text with comments and the insides of strings as spaces; lines stay where they are. */
function blank(text: string): string {
  return text.replaceAll(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g,
    (found) => {
      const inside = found.replaceAll(/[^\n]/g, ' ');
      return found.startsWith('/') ? inside : `"${inside.slice(1, -1)}"`;
    },
  );
}

function lineCounter(text: string): (offset: number) => number {
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index);
  return (offset) => {
    const line = ends.findIndex((end) => end >= offset);
    return (line < 0 ? ends.length : line) + 1;
  };
}
