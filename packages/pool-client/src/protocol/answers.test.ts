import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutVectors } from './cut-vectors.ts';
import type { ProtocolName } from './protocol.ts';
import { protocolFor } from './protocol-for.ts';
import { toNumbers } from './vector-bytes.ts';
import { verifyVectors } from './verify-vectors.ts';

const SEEDED = { seed: 20_261_107, numRuns: 100 };
const names: readonly ProtocolName[] = ['djl', 'openai', 'tei'];

describe.each(names)('%s answers', (name) => {
  const protocol = protocolFor(name);
  const read = (body: Buffer, count: number) => protocol.fromWire({ status: 200, headers: {}, body }, count);

  it('are cut into what JSON.parse reads, number by number', () => {
    fc.assert(
      fc.property(answer(name), (text) => {
        const expected = parsedVectors(name, JSON.parse(text));
        const outcome = read(Buffer.from(text), expected.length);
        expect(outcome.kind === 'vectors' && outcome.vectors.map(toNumbers)).toStrictEqual(expected);
      }),
      SEEDED,
    );
  });

  it('that are honest pass both verifications', () => {
    fc.assert(
      fc.property(answer(name), fc.nat(), (text, sampleIndex) => {
        const expected = parsedVectors(name, JSON.parse(text));
        const outcome = read(Buffer.from(text), expected.length);
        if (outcome.kind !== 'vectors') throw new Error(outcome.failure.message);
        fc.pre(expected.every((vector) => norm(vector) > 0));
        const sampled = expected[sampleIndex % expected.length] ?? [];
        const right = { kind: 'ok', dimensions: sampled.length, norm: norm(sampled) };
        expect(
          verifyVectors(outcome.vectors, { mode: 'fast', sampleIndex, dimensions: sampled.length }),
        ).toStrictEqual(right);
        expect(verifyVectors(outcome.vectors, { mode: 'full', sampleIndex })).toStrictEqual(right);
      }),
      SEEDED,
    );
  });

  it('that are damaged never throw, never have another count, and pass `full` only as what JSON.parse reads', () => {
    fc.assert(
      fc.property(answer(name).chain(damaged), ({ body, original }) => {
        const count = parsedVectors(name, JSON.parse(original)).length;
        const outcome = read(body, count);
        if (outcome.kind !== 'vectors') {
          expect(outcome.failure).toMatchObject({ kind: 'bad-answer', status: 200 });
          return;
        }
        expect(outcome.vectors).toHaveLength(count);
        verifyVectors(outcome.vectors, { mode: 'fast', sampleIndex: 0 });
        const verified = verifyVectors(outcome.vectors, { mode: 'full', sampleIndex: 0 });
        if (verified.kind === 'bad') return;
        const reference = parsed(body);
        // The one leniency: lists that no vector comes from may be broken.
        if (reference === undefined) expect(cutVectors(body)?.vectors.length).not.toBe(count);
        else expect(outcome.vectors.map(toNumbers)).toStrictEqual(parsedVectors(name, reference));
      }),
      { ...SEEDED, numRuns: 400 },
    );
  });

  it('of any bytes never throw', () => {
    const soup = fc.array(
      fc.constantFrom(...'[]{}",:0-e. \\', '\u0000', 'é', '"data"', '"index"', '"embedding"'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          soup.map((parts) => Buffer.from(parts.join(''))),
          bytes(),
        ),
        fc.nat(3),
        (body, count) => {
          const outcome = read(body, count);
          if (outcome.kind === 'vectors') expect(outcome.vectors).toHaveLength(count);
        },
      ),
      { ...SEEDED, numRuns: 2000 },
    );
  });

  it.each([1, 2, 7])('with %i vectors too many or too few are refused with both numbers', (count) => {
    const item = (index: number) => (name === 'openai' ? { index, embedding: [1, 2] } : [1, 2]);
    const items = Array.from({ length: count }, (_, index) => item(index));
    const body = Buffer.from(JSON.stringify(name === 'openai' ? { data: items } : items));
    const refusal = (expected: number) => ({
      kind: 'failure',
      failure: { kind: 'bad-answer', status: 200, message: `Expected ${expected} vectors, got ${count}` },
    });
    expect(read(body, count + 1)).toStrictEqual(refusal(count + 1));
    expect(read(body, count - 1)).toStrictEqual(refusal(count - 1));
  });
});

describe.each(names)('%s requests', (name) => {
  it('hold the same texts, lone surrogates included, and survive UTF-8', () => {
    const anyUnits = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), anyUnits), { minLength: 1 }), (texts) => {
        const request = protocolFor(name).toWire(texts, 'm');
        const body = JSON.parse(Buffer.from(request.body).toString());
        expect(body[name === 'openai' ? 'input' : 'inputs']).toStrictEqual(texts);
        expect(request.headers).toStrictEqual({ 'content-type': 'application/json' });
      }),
      SEEDED,
    );
  });
});

function norm(vector: readonly number[]): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

type Item = { readonly index: number; readonly embedding: readonly number[] };

/** The vectors as the plain way would read them. The callers pass answers of that protocol's shape. */
function parsedVectors(name: ProtocolName, value: unknown): readonly (readonly number[])[] {
  if (name !== 'openai') return value as readonly (readonly number[])[];
  const { data } = value as { readonly data: readonly Item[] };
  return [...data].sort((a, b) => a.index - b.index).map((item) => item.embedding);
}

/** One byte changed, a piece cut out, doubled or put in, or the end missing. */
function damaged(original: string): fc.Arbitrary<{ readonly body: Buffer; readonly original: string }> {
  const body = Buffer.from(original);
  const piece = fc
    .tuple(fc.nat(body.length), fc.nat(body.length))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
  const patch = fc.oneof(
    fc.constantFrom(...'[]{},:"0-e \\').map((text) => Buffer.from(text)),
    bytes(),
  );
  const replaced = (from = 0, to = from, middle: Buffer = Buffer.alloc(0)) =>
    Buffer.concat([body.subarray(0, from), middle, body.subarray(to)]);
  return fc
    .oneof(
      fc.tuple(fc.nat(body.length), patch).map(([at, middle]) => replaced(at, at + 1, middle)),
      fc.tuple(fc.nat(body.length), patch).map(([at, middle]) => replaced(at, at, middle)),
      piece.map(([from, to]) => replaced(from, to)),
      piece.map(([from, to]) => replaced(from, from, body.subarray(from, to))),
      fc.nat(body.length).map((at) => body.subarray(0, at)),
    )
    .map((changed) => ({ body: changed, original }));
}

function bytes(): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ maxLength: 8 }).map((values) => Buffer.from(values));
}

/** Any valid answer of that protocol, as text: any white space, any form of numbers. */
function answer(name: ProtocolName): fc.Arbitrary<string> {
  return fc
    .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }))
    .chain(([count, dimensions]) => {
      const vector = list(fc.array(numberText(), { minLength: dimensions, maxLength: dimensions }));
      const vectors = fc.array(vector, { minLength: count, maxLength: count });
      return name === 'openai' ? openaiAnswer(vectors) : list(vectors);
    });
}

function openaiAnswer(vectors: fc.Arbitrary<readonly string[]>): fc.Arbitrary<string> {
  const items = vectors.chain((texts) =>
    fc.tuple(
      ...texts.map((text, index) =>
        object([
          ['index', `${index}`],
          ['embedding', text],
        ]),
      ),
    ),
  );
  const shuffled = items.chain((texts) => fc.shuffledSubarray(texts, { minLength: texts.length }));
  return list(shuffled).chain((data) =>
    object([
      ['data', data],
      ['object', '"list"'],
    ]),
  );
}

function object(members: readonly (readonly [string, string])[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(fc.tuple(extraKey(), extraValue()), { maxLength: 2 }), space())
    .chain(([extras, gap]) =>
      fc
        .shuffledSubarray([...members, ...extras], { minLength: members.length + extras.length })
        .map(
          (all) =>
            `{${gap}${all.map(([key, text]) => `${JSON.stringify(key)}${gap}:${text}`).join(`${gap},`)}}`,
        ),
    );
}

function extraKey(): fc.Arbitrary<string> {
  return fc.constantFrom('model', 'usage', 'a[0]', '[', ']', '"]', 'data[');
}

/** What an envelope may hold besides: brackets and quotes in strings above all. */
function extraValue(): fc.Arbitrary<string> {
  const trap = fc
    .array(fc.constantFrom('[', ']', '"', '\\', '[0]', '[1,2]', ',', 'é', '{', '"data":'))
    .map((parts) => parts.join(''));
  return fc.oneof(
    trap.map((text) => JSON.stringify(text)),
    fc.array(trap).map((texts) => JSON.stringify(texts)),
    fc.constantFrom('[]', '[ ]', '[5]', '[[1],[]]', '{"a":[1,2]}', 'null', '0', '[null,{}]'),
  );
}

function list(items: fc.Arbitrary<readonly string[]>): fc.Arbitrary<string> {
  return fc
    .tuple(items, space(), space(), space())
    .map(([texts, a, b, c]) => `${a}[${b}${texts.join(`${c},${a}`)}${b}]${c}`);
}

function space(): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(' ', '\t', '\n', '\r'), { maxLength: 2 }).map((parts) => parts.join(''));
}

/** Every form that JSON has for a number. */
function numberText(): fc.Arbitrary<string> {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e150, max: 1e150 });
  const digits = fc
    .array(fc.constantFrom(...'0123456789'), { minLength: 1, maxLength: 12 })
    .map((all) => all.join(''));
  const whole = digits.map((text) => text.replace(/^0+(?=\d)/, ''));
  const exponent = fc
    .tuple(fc.constantFrom('e', 'E'), fc.constantFrom('', '+', '-'), fc.nat(30))
    .map((all) => all.join(''));
  return fc.oneof(
    finite.map((value) => JSON.stringify(value)),
    finite.map((value) => value.toExponential().replace('e', 'E')),
    fc
      .tuple(fc.constantFrom('', '-'), whole, fc.option(digits), fc.option(exponent))
      .map(
        ([sign, integer, fraction, power]) =>
          `${sign}${integer}${fraction === null ? '' : `.${fraction}`}${power ?? ''}`,
      ),
    fc.constantFrom('-0', '0', '1.0', '1e5', '1E-5', '0.5e+3', '0.0', '-0.0e0'),
  );
}
