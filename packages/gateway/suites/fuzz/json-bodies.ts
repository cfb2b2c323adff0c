import fc from 'fast-check';
import { MODEL } from '../../test/apis.ts';

/** The field with the texts, by dialect. */
const FIELDS = { djl: 'inputs', openai: 'input', tei: 'inputs' } as const;

export type FuzzedDialect = keyof typeof FIELDS;

const word = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' });
const strange = fc.constantFrom(
  '\ud800',
  '\udc00 alone',
  'a\ud83d',
  '\ufeffmark',
  '\0',
  '\u2028\u2029',
  '\u202eright to left',
  '🦙🦙',
  '"\\/\b\f\n\r\t',
  '__proto__',
  'constructor',
  'NaN',
  '</script>',
  '%s%n{{7*7}}',
);
const giant = fc.integer({ min: 1_000, max: 200_000 }).map((length) => 'ab '.repeat(length / 3));
const text = fc.oneof(
  { weight: 12, arbitrary: word },
  { weight: 4, arbitrary: fc.string({ maxLength: 40, unit: 'binary' }) },
  { weight: 4, arbitrary: strange },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '\n\t ') },
);
const rarelyGiant = fc.oneof({ weight: 150, arbitrary: text }, { weight: 1, arbitrary: giant });
const texts = fc.oneof(
  { weight: 3, arbitrary: rarelyGiant },
  { weight: 3, arbitrary: fc.array(rarelyGiant, { minLength: 1, maxLength: 6 }) },
);

/** Texts that no dialect refuses. */
const soundText = word.map((letters) => `a ${letters}`);
const soundTexts = fc.oneof(soundText, fc.array(soundText, { minLength: 1, maxLength: 6 }));

const deep = fc
  .tuple(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[{"a":', '}]']))
  .map(([depth, [open = '', close = '']]) => `${open.repeat(depth)}1${close.repeat(depth)}`);

/** JSON, or nearly so, of what should not stand there. */
const oddJson = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
  },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...['1e999', '-0', '-1e-999', '9007199254740993', '00', '.5', '+1', '0x10', 'NaN', 'Infinity'],
      ...['undefined', "'a'", '', '""', '[]', '{}', '[[]]', '[null]', '[1,2,3]', '[[1,2],[3]]'],
      ...['["a",1]', '["a",null]', '["a",["b"]]', '["a",]', '[,"a"]', '{"length":1,"0":"a"}'],
      ...['"\\ud800"', '"\\u00"', '"\\x41"', '"\n"', '{"toString":1}', `${'9'.repeat(5_000)}`],
    ),
  },
  { weight: 1, arbitrary: deep },
);

const oddKey = fc.constantFrom(
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'length'],
  ...['inputs', 'input', 'model', 'encoding_format', 'dimensions', 'normalize', 'truncate', 'user'],
  ...['prompt_name', 'truncation_direction', 'parameters', ''],
);

/** Further members: known options with odd values, and names that mean something to JavaScript. */
const member = fc.tuple(oddKey, oddJson).map(([key, json]) => `${JSON.stringify(key)}:${json}`);
const soundMember = fc.constantFrom('"user":"me"', '"unknown":[{}]', '"__proto__":{"inputs":1}');

/** A body that has to be answered with vectors. */
export function soundBody(dialect: FuzzedDialect): fc.Arbitrary<string> {
  const format = fc.constantFrom('', '', ',"encoding_format":"float"', ',"encoding_format":"base64"');
  return fc
    .tuple(soundTexts, format, fc.array(soundMember, { maxLength: 1 }))
    .map(([inputs, encoding, more]) => {
      const model = dialect === 'openai' ? `"model":${JSON.stringify(MODEL)}${encoding},` : '';
      const members = [`${JSON.stringify(FIELDS[dialect])}:${JSON.stringify(inputs)}`, ...more];
      return `{${model}${members.join(',')}}`;
    });
}

/** A body with odd texts, odd members, keys that come twice, or something else altogether. */
export function oddBody(dialect: FuzzedDialect): fc.Arbitrary<string> {
  const field = JSON.stringify(FIELDS[dialect]);
  const model = `"model":${JSON.stringify(MODEL)}`;
  const withTexts = texts.map((value) => `${field}:${JSON.stringify(value)}`);
  const own = fc.oneof(
    { weight: 4, arbitrary: withTexts },
    { weight: 2, arbitrary: oddJson.map((json) => `${field}:${json}`) },
  );
  const object = fc
    .tuple(own, fc.array(fc.oneof(member, withTexts), { maxLength: 2 }), fc.boolean())
    .map(([first, more, modelLast]) => {
      const members = [first, ...more];
      return `{${(modelLast ? [...members, model] : [model, ...members]).join(',')}}`;
    });
  const bare = texts.map((value) => JSON.stringify(value));
  return fc.oneof({ weight: 8, arbitrary: object }, { weight: 1, arbitrary: bare }, oddJson);
}
