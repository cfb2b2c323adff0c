import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutVectors } from './cut-vectors.ts';
import { openai } from './openai.ts';
import type { VectorBytes } from './vector-bytes.ts';
import { type VerifyOptions, verifyVectors } from './verify-vectors.ts';

const HONEST = '[0.1234,-0.5678,0.9012]';
const NORM = Math.hypot(0.1234, 0.5678, 0.9012);

/** The damaged text as vector 1 of three, in a list and in an OpenAI answer. */
function answersWith(text: string): [shape: string, vectors: readonly VectorBytes[]][] {
  const all = [HONEST, text, HONEST];
  const bare: VectorBytes[] = [];
  const source = Buffer.from(`[${all.join(',')}]`);
  let start = 1;
  for (const one of all) {
    bare.push({ source, start, end: start + one.length });
    start += one.length + 1;
  }
  const data = all.map((one, index) => `{"object":"embedding","index":${index},"embedding":${one}}`);
  const body = Buffer.from(`{"object":"list","data":[${data.join(',')}],"model":"a"}`);
  const outcome = openai.fromWire({ status: 200, headers: {}, body }, 3);
  return [
    ['list', bare],
    ...(outcome.kind === 'vectors' ? [['openai', outcome.vectors] as [string, readonly VectorBytes[]]] : []),
  ];
}

const bad = (text: string, options: Partial<VerifyOptions>) =>
  answersWith(text).map(([shape, vectors]) => [
    shape,
    verifyVectors(vectors, { mode: 'fast', sampleIndex: 0, dimensions: 3, ...options }).kind,
  ]);

describe('verifyVectors', () => {
  it.each([
    ['null', '[0.1234,null,0.9012]'],
    ['NaN', '[0.1234,NaN,0.90123456]'],
    ['Infinity', '[0.1234,-Infinity,0.9012]'],
    ['true', '[0.1234,true,0.901234]'],
    ['false', '[0.1234,false,0.901234]'],
    ['a text', '[0.1234,"0.5678",0.9012]'],
    ['an object', '[0.1234,{},0.90123456]'],
    ['HTML', '[0.1234,<html>,0.9012]'],
    ['half a vector', '[0.1234,-0.5]'],
    ['two vectors in one', '[0.1234,-0.5678,0.9012,0.1234,-0.5678,0.9012]'],
  ])('sees %s in a vector that `fast` does not parse', (_, text) => {
    expect(bad(text, {}).map(([, kind]) => kind)).toStrictEqual(answersWith(text).map(() => 'bad'));
    expect(bad(text, { mode: 'full' }).map(([, kind]) => kind)).toStrictEqual(
      answersWith(text).map(() => 'bad'),
    );
  });

  it.each([
    ['a value less', '[0.1234567,-0.567890123]'],
    ['a value more', '[0.1234,-0.5678,0.90,1]'],
    ['an empty place', '[0.1234,,-0.5678,0.912]'],
    ['a broken number', '[0.1.234,-0.5678,0.9012]'],
    ['a number too large', '[0.1234,-0.5678,9.0e999]'],
    ['a stray byte', '[0.1234,-0.5\u00007,0.9012]'],
    ['a norm of zero', '[0.0000,-0.0000,0.0000]'],
  ])('lets %s through in a vector that `fast` does not parse, and sees it in the one it does', (_, text) => {
    expect(bad(text, {})).toStrictEqual([
      ['list', 'ok'],
      ['openai', 'ok'],
    ]);
    expect(bad(text, { sampleIndex: 1 })).toStrictEqual([
      ['list', 'bad'],
      ['openai', 'bad'],
    ]);
    expect(bad(text, { mode: 'full' })).toStrictEqual([
      ['list', 'bad'],
      ['openai', 'bad'],
    ]);
  });

  it.each([
    ['no vector', [], {}, 'No vectors to verify'],
    ['other dimensions', ['[1,0]'], { dimensions: 3 }, 'Vector 0 of 1 has 2 dimensions, expected 3'],
    ['unlike dimensions', ['[1,0]', '[1,0,0]'], {}, 'Vector 1 of 2 has 3 dimensions, expected 2'],
    ['an empty vector', ['[ ]'], {}, 'Vector 0 of 1 has 0 dimensions, expected at least 1'],
    ['a list too deep', ['[1,[2]]'], {}, 'Vector 0 of 1 is no flat list of numbers'],
    ['no list', ['7'], {}, 'Vector 0 of 1 is no flat list of numbers'],
    ['a zero vector', ['[0,0]'], {}, 'Vector 0 of 1 has the norm 0'],
    ['an infinite value', ['[1e999]'], {}, 'Vector 0 of 1 has the norm Infinity'],
    ['too small a norm', ['[2.4]'], { norm: 5 }, 'Vector 0 of 1 has the norm 2.4, expected 2.5 to 10'],
    [
      'too large a norm',
      ['[10]', '[10.1]'],
      { norm: 5 },
      'Vector 1 of 2 has the norm 10.1, expected 2.5 to 10',
    ],
  ])('says what is wrong with %s', (_, texts, options, message) => {
    const vectors = texts.map((text) => ({ source: Buffer.from(text), start: 0, end: text.length }));
    for (const mode of ['fast', 'full'] as const) {
      const sampleIndex = Math.max(0, texts.length - 1);
      const badIndices = texts.length === 0 ? [] : [texts.length - 1];
      expect(verifyVectors(vectors, { ...options, mode, sampleIndex })).toStrictEqual({
        kind: 'bad',
        message,
        badIndices,
      });
    }
  });

  it.each(['fast', 'full'] as const)('reports the sampled vector in mode %s', (mode) => {
    const vectors = cutVectors(Buffer.from('[[3,4],[6,8],[1,0]]'))?.vectors ?? [];
    expect(verifyVectors(vectors, { mode, sampleIndex: 4, dimensions: 2, norm: 5 })).toStrictEqual(
      // 1, 0 is too short for the norm of 5, and only `full` looks at it.
      mode === 'fast'
        ? { kind: 'ok', dimensions: 2, norm: 10 }
        : { kind: 'bad', message: 'Vector 2 of 3 has the norm 1, expected 2.5 to 10', badIndices: [2] },
    );
    expect(verifyVectors(vectors, { mode, sampleIndex: 7 })).toStrictEqual({
      kind: 'ok',
      dimensions: 2,
      norm: 10,
    });
  });

  it('names every vector that is bad, and the first of them in its message', () => {
    const vectors = cutVectors(Buffer.from('[[3,4],[0,0],[6,8],[1]]'))?.vectors ?? [];
    expect(verifyVectors(vectors, { mode: 'full', sampleIndex: 0 })).toStrictEqual({
      kind: 'bad',
      message: 'Vector 1 of 4 has the norm 0',
      badIndices: [1, 3],
    });
  });

  it('parses all while no dimensions are known', () => {
    const vectors = cutVectors(Buffer.from('[[3,4],[6,8],[111]]'))?.vectors ?? [];
    expect(verifyVectors(vectors, { mode: 'fast', sampleIndex: 0 })).toStrictEqual({
      kind: 'bad',
      message: 'Vector 2 of 3 has 1 dimensions, expected 2',
      badIndices: [2],
    });
    expect(verifyVectors(vectors, { mode: 'fast', sampleIndex: 0, dimensions: 2 }).kind).toBe('ok');
  });

  it('takes the norm within half and twice, the ends included', () => {
    const vectors = answersWith(HONEST)[0]?.[1] ?? [];
    for (const norm of [NORM / 2, NORM, NORM * 2]) {
      expect(verifyVectors(vectors, { mode: 'full', sampleIndex: 0, norm, dimensions: 3 }).kind).toBe('ok');
    }
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.nat(),
        fc.nat(),
        fc.nat(),
        (bytes, start, end, sampleIndex) => {
          const vectors = [{ source: Buffer.from(bytes), start, end }];
          const fast = verifyVectors(vectors, { mode: 'fast', sampleIndex });
          expect(fast).toStrictEqual(verifyVectors(vectors, { mode: 'full', sampleIndex }));
        },
      ),
      { seed: 20_261_107 },
    );
  });
});
