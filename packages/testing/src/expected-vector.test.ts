import fc from 'fast-check';
import { expect, it } from 'vitest';
import { vectorEncoder } from './encoded-vector.ts';
import { expectedVector, expectedVectorJson } from './expected-vector.ts';

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? Number.NaN), 0);
}

it.each([1, 4, 7, 32, 100, 384, 385, 1024])('has norm 1 with %i dimensions', (dimensions) => {
  const vector = expectedVector('some text', { dimensions });
  expect(vector).toHaveLength(dimensions);
  expect(dot(vector, vector)).toBeCloseTo(1, 5);
});

it('is the same for the same text and near to none for another text or model', () => {
  const text = fc.string({ maxLength: 40 });
  fc.assert(
    fc.property(text, text, (one, other) => {
      const vector = expectedVector(one);
      expect(expectedVector(one)).toEqual(vector);
      expect(Math.abs(dot(vector, expectedVector(one, { model: 'other' })))).toBeLessThan(0.5);
      if (one !== other) expect(Math.abs(dot(vector, expectedVector(other)))).toBeLessThan(0.5);
    }),
    { seed: 1 },
  );
});

it('gives 20,000 texts 20,000 vectors', () => {
  const vectors = Array.from({ length: 20_000 }, (_, i) => expectedVector(`text ${i}`).slice(0, 64).join());
  expect(new Set(vectors).size).toBe(vectors.length);
});

it('is the vector that its JSON says, in the bytes that an answer has', () => {
  const encode = vectorEncoder({ model: 'm', dimensions: 50 });
  for (const text of ['', 'a', '\ud800 lone', 'a']) {
    const json = expectedVectorJson(text, { model: 'm', dimensions: 50 });
    expect(JSON.parse(json)).toEqual(expectedVector(text, { model: 'm', dimensions: 50 }));
    expect(encode(text).json.toString()).toBe(json);
    const floats = new Float32Array(new Uint8Array(encode(text).floats).buffer);
    expect([...floats]).toEqual(expectedVector(text, { model: 'm', dimensions: 50 }).map(Math.fround));
  }
});

it('has negative numbers, numbers with an exponent and at most nine digits', () => {
  const numbers = Array.from({ length: 50 }, (_, i) =>
    expectedVectorJson(`${i}`).slice(1, -1).split(','),
  ).flat();
  expect(numbers.filter((number) => number.startsWith('-')).length).toBeGreaterThan(1000);
  expect(numbers.filter((number) => /^-?\d\.\d+E-\d$/.test(number)).length).toBeGreaterThan(100);
  const digits = numbers.map(
    (number) => number.replace(/E.*/, '').replace(/\D/g, '').replace(/^0+/, '').length,
  );
  expect(Math.max(...digits)).toBeLessThanOrEqual(9);
});

it('encodes more texts than it keeps', () => {
  const encode = vectorEncoder({ dimensions: 4 });
  for (let i = 0; i < 5000; i += 1) encode(`text ${i}`);
  expect(encode('text 0').json.toString()).toBe(expectedVectorJson('text 0', { dimensions: 4 }));
});
