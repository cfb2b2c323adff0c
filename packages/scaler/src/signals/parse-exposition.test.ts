import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printExposition } from './exposition.test-support.ts';
import { type ExposedSeries, parseExposition } from './parse-exposition.ts';

const one = (name: string, value: number, labels: Record<string, string> = {}, timestampMs?: number) => ({
  name,
  labels: new Map(Object.entries(labels)),
  value,
  ...(timestampMs !== undefined && { timestampMs }),
});

it.each<[string, string, readonly ExposedSeries[]]>([
  ['nothing', '', []],
  ['empty lines and comments', '\n# all quiet\n#\n  # HELP a b c\n \t\n', []],
  ['a name and a value', 'up 1\n', [one('up', 1)]],
  ['labels', 'up{job="a",instance="b:1"} 1\n', [one('up', 1, { job: 'a', instance: 'b:1' })]],
  ['no labels in braces', 'up{} 1\n', [one('up', 1)]],
  ['a comma behind the last label', 'up{job="a",} 1\n', [one('up', 1, { job: 'a' })]],
  ['blanks and tabs', '  up { job = "a" , b="c" }\t 1  \n', [one('up', 1, { job: 'a', b: 'c' })]],
  ['no blank behind the brace', 'up{job="a"}1\n', [one('up', 1, { job: 'a' })]],
  ['escapes', 'up{a="\\\\n \\n \\" }{,="} 1\n', [one('up', 1, { a: '\\n \n " }{,=' })]],
  ['a timestamp', 'up 1 -1395066363000\n', [one('up', 1, {}, -1395066363000)]],
  [
    'numbers of all kinds',
    'a 1e3\nb -.5\nc +Inf\nd -Inf\ne NaN\nf 1.\ng +2E-3\n',
    [
      one('a', 1_000),
      one('b', -0.5),
      one('c', Number.POSITIVE_INFINITY),
      one('d', Number.NEGATIVE_INFINITY),
      one('e', Number.NaN),
      one('f', 1),
      one('g', 0.002),
    ],
  ],
  [
    'a histogram as its series',
    '# HELP h seconds\n# TYPE h histogram\nh_bucket{le="0.1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3.5\nh_count 2\n',
    [
      one('h_bucket', 1, { le: '0.1' }),
      one('h_bucket', 2, { le: '+Inf' }),
      one('h_sum', 3.5),
      one('h_count', 2),
    ],
  ],
  [
    'the same name with other labels',
    'up{a="1"} 1\nup{a="2"} 2\n',
    [one('up', 1, { a: '1' }), one('up', 2, { a: '2' })],
  ],
])('reads %s', (_, text, series) => {
  expect(parseExposition(text)).toEqual({ kind: 'parsed', series });
});

it.each([
  ['a text that was cut off', 'up 1\ndown 1', 2, 'it is not ended: the text was cut off'],
  ['no value', '\nup\n', 2, `no metric's name: "up"`],
  ['no value behind a blank', 'up \n', 1, 'no value: "up "'],
  ['a page', '<!doctype html>\n', 1, `no metric's name: "<!doctype html>"`],
  ['a name with a dash', 'a-b 1\n', 1, `no metric's name: "a-b 1"`],
  ['a name that begins with a digit', '1a 1\n', 1, `no metric's name: "1a 1"`],
  ['a name in quotes', '{"up"} 1\n', 1, `no metric's name: "{\\"up\\"} 1"`],
  ['a hexadecimal number', 'up 0x10\n', 1, 'no value: "up 0x10"'],
  ['too many words', 'up 1 2 3\n', 1, 'no value: "up 1 2 3"'],
  ['a timestamp with a fraction', 'up 1 1.5\n', 1, 'no timestamp: "1.5"'],
  ['an open brace', 'up{a="1" 1\n', 1, 'no label: "a=\\"1\\" 1"'],
  ['an open quote', 'up{a="1} 1\n', 1, 'no label: "a=\\"1} 1"'],
  ['an unknown escape', 'up{a="\\t"} 1\n', 1, 'no label: "a=\\"\\\\t\\"} 1"'],
  ['no comma between labels', 'up{a="1" b="2"} 1\n', 1, 'no label: "a=\\"1\\" b=\\"2\\"} 1"'],
  ['two commas', 'up{a="1",,} 1\n', 1, 'no label: ",} 1"'],
  ['a label twice', 'up{a="1",a="2"} 1\n', 1, 'the label a a second time'],
  ['carriage returns', 'up 1\r\n', 1, 'no value: "up 1\\r"'],
  [
    'a series twice',
    'up{a="1",b="2"} 1\nup{b="2",a="1"} 1\n',
    2,
    'the same series a second time: "up{b=\\"2\\",a=\\"1\\"} 1"',
  ],
  ['an unknown type', '# TYPE up thing\n', 1, 'no type is said: "# TYPE up thing"'],
  ['two types', '# TYPE up gauge\n# TYPE up counter\n', 2, 'the type of up is said a second time'],
])('names the line of %s', (_, text, line, problem) => {
  expect(parseExposition(text)).toEqual({ kind: 'malformed', line, problem });
});

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,8}$/);
const label = fc.oneof(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,5}$/), fc.constant('__proto__'));
const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const hostile = fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', '}', ',', '=', ' ', '#') });
const labels = fc
  .uniqueArray(fc.tuple(label, fc.oneof(text, hostile)), { selector: ([key]) => key, maxLength: 4 })
  .map((pairs) => new Map(pairs));
const series: fc.Arbitrary<ExposedSeries> = fc
  .tuple(
    name,
    labels,
    fc.double(),
    fc.option(
      fc.maxSafeInteger().map((ms) => ms % 1e15),
      { nil: undefined },
    ),
  )
  .map(([name, labels, value, timestampMs]) => ({
    name,
    labels,
    value,
    ...(timestampMs !== undefined && { timestampMs }),
  }));
const key = ({ name, labels }: ExposedSeries) => JSON.stringify([name, [...labels].sort()]);

it('reads what was printed as it was', () => {
  fc.assert(
    fc.property(fc.uniqueArray(series, { selector: key, maxLength: 12 }), (all) => {
      expect(parseExposition(printExposition(all))).toEqual({ kind: 'parsed', series: all });
    }),
    { seed: 7, numRuns: 500 },
  );
});

it('never reads a text that was cut off inside a line', () => {
  const cut = fc.uniqueArray(series, { selector: key, minLength: 1, maxLength: 5 }).chain((all) => {
    const printed = printExposition(all);
    return fc.nat(printed.length - 1).map((end) => printed.slice(0, end));
  });
  fc.assert(
    fc.property(cut, (text) => {
      expect(parseExposition(text).kind).toBe(text === '' || text.endsWith('\n') ? 'parsed' : 'malformed');
    }),
    { seed: 7, numRuns: 500 },
  );
});

it('answers every text without throwing', () => {
  fc.assert(
    fc.property(fc.oneof(text, hostile, fc.string({ unit: 'binary' })), (any) => {
      expect(['parsed', 'malformed']).toContain(parseExposition(`${any}\n`).kind);
    }),
    { seed: 7, numRuns: 500 },
  );
});

it('reads a long line of quotes and backslashes in linear time', () => {
  const line = `up{a="${'\\\\'.repeat(500_000)} 1\n`;
  expect(parseExposition(line)).toMatchObject({ kind: 'malformed', line: 1 });
});
