import { toNumbers, type VectorBytes } from '@forebay/pool-client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer, Dialect } from './dialect.ts';
import { djl } from './djl.ts';
import { openai } from './openai.ts';
import { tei } from './tei.ts';

/** Reads the vectors back out of a body, as a client of the dialect does. */
const readers: readonly [Dialect, (body: unknown) => unknown][] = [
  [djl, (body) => body],
  [tei, (body) => body],
  // `as` holds: it is what the dialect promises, and the property fails otherwise.
  [openai, (body) => (body as { data: { embedding: unknown }[] }).data.map(({ embedding }) => embedding)],
];

/** One backend's answer: vectors in brackets, with a gap that backends use before each. */
const backendAnswer = fc
  .array(
    fc.record({
      numbers: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 4 }),
      gap: fc.constantFrom(
        ',',
        ', ',
        ' ,\n\t',
        '},{"object":"embedding","index":1,"embedding":',
        ',[],',
        ' '.repeat(40).concat(','),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((items): VectorBytes[] => {
    let text = '[';
    const places = items.map(({ numbers, gap }) => {
      if (text !== '[') text += gap;
      const start = text.length;
      text += JSON.stringify(numbers);
      return { start, end: text.length };
    });
    const source = Buffer.from(`${text}]`);
    return places.map((place) => ({ source, ...place }));
  });

/** Vectors of several answers, in the order that a request wants them: neighbours, gaps, repeats, any order. */
const layouts = fc
  .array(backendAnswer, { minLength: 1, maxLength: 3 })
  .chain((answers) =>
    fc.oneof(
      fc.constant(answers.flat()),
      fc.array(fc.constantFrom(...answers.flat()), { minLength: 1, maxLength: 8 }),
    ),
  );

/** The same with some vectors missing, but not all: their places are holes, as in the answer of a job. */
const gappyLayouts = layouts
  .chain((vectors) =>
    fc.tuple(
      fc.constant(vectors),
      fc.array(fc.boolean(), { minLength: vectors.length, maxLength: vectors.length }),
    ),
  )
  .filter(([, present]) => present.includes(true))
  .map(([vectors, present]) => {
    const gappy = new Array<VectorBytes | undefined>(vectors.length);
    vectors.forEach((vector, i) => {
      if (present[i]) gappy[i] = vector;
    });
    return gappy;
  });

function answerOf(vectors: Answer['vectors']): Answer {
  return {
    vectors,
    model: 'm',
    shape: 'list',
    encoding: 'float',
    usage: { promptTokens: 1, estimated: false },
  };
}

describe.each(readers)('$name', (dialect, vectorsIn) => {
  it('renders any layout of vectors to the same vectors, and counts its bytes', () => {
    fc.assert(
      fc.property(layouts, (vectors) => {
        const rendered = dialect.render(answerOf(vectors));
        const body = Buffer.concat([...rendered.parts]);
        expect(rendered.contentLength).toBe(body.length);
        expect(vectorsIn(JSON.parse(body.toString()))).toEqual(vectors.map(toNumbers));
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('renders null where a vector is missing, and says in a header which are', () => {
    fc.assert(
      fc.property(gappyLayouts, (vectors) => {
        const missing = Array.from(vectors, (vector, index) => (vector ? [] : [index])).flat();
        const error = { kind: 'backend_failed', message: 'down' } as const;
        const failures = missing.map((index) => ({ index, error }));
        const { headers, parts, contentLength } = dialect.render({ ...answerOf(vectors), failures });
        const body = Buffer.concat([...parts]);
        expect(contentLength).toBe(body.length);
        expect(vectorsIn(JSON.parse(body.toString()))).toEqual(
          Array.from(vectors, (vector) => (vector ? toNumbers(vector) : null)),
        );
        expect(headers['x-forebay-failed']).toBe(missing.length === 0 ? undefined : missing.join());
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('forwards the number bytes as they are', () => {
    const source = Buffer.from('[[1.0,2.50,-0,1E+2]]');
    const { parts } = dialect.render(answerOf([{ source, start: 1, end: 19 }]));
    expect(Buffer.concat([...parts]).toString()).toContain('[1.0,2.50,-0,1E+2]');
    const offsets = parts.map((part) => part.byteOffset - source.byteOffset);
    // The list around them may be the answer's own too.
    expect(offsets.some((offset, i) => offset === 0 || (offset === 1 && parts[i]?.length === 18))).toBe(true);
  });
});

describe('one string', () => {
  const source = Buffer.from('[0.25, 1]');
  const answer: Answer = { ...answerOf([{ source, start: 0, end: source.length }]), shape: 'single' };
  const bodyOf = (dialect: Dialect) =>
    JSON.parse(Buffer.concat([...dialect.render(answer).parts]).toString());

  it('is answered flat by DJL, in a list by TEI and in the envelope by OpenAI', () => {
    expect(bodyOf(djl)).toEqual([0.25, 1]);
    expect(bodyOf(tei)).toEqual([[0.25, 1]]);
    expect(bodyOf(openai).data).toEqual([{ object: 'embedding', index: 0, embedding: [0.25, 1] }]);
  });
});
