import fc from 'fast-check';
import { expect, it } from 'vitest';
import { vectorsToJson, vectorToJson } from './vectors-to-json.ts';

const float32s = fc.array(
  fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  { maxLength: 20 },
);
const normalised = fc.array(
  fc.float({ min: -1, max: 1, noNaN: true }).map((value) => value + 0),
  { maxLength: 20 },
);

it.each([
  ['any size', float32s],
  ['a normalised vector', normalised],
])('writes numbers of %s that read back as the same float32', (_, numbers) => {
  fc.assert(
    fc.property(numbers, (values) => {
      const read = Float32Array.from(JSON.parse(vectorToJson(Float32Array.from(values))));
      expect(read).toEqual(Float32Array.from(values));
    }),
    { seed: 1, numRuns: 1000 },
  );
});

it('writes few digits', () => {
  expect(vectorsToJson([Float32Array.of(0.1, -0.25), Float32Array.of(1)])).toBe('[[0.1,-0.25],[1]]');
});
