import fc from 'fast-check';
import { expect, it } from 'vitest';
import { javaFloat } from './java-float.ts';

it.each([
  [0, '0.0'],
  [-0, '-0.0'],
  [1, '1.0'],
  [0.1, '0.1'],
  [-0.051234, '-0.051234'],
  [0.001, '0.001'],
  [0.00099, '9.9E-4'],
  [1e-5, '1.0E-5'],
  [-0.00012345, '-1.2345E-4'],
  [1234567, '1234567.0'],
  [1e7, '1.0E7'],
  [12.5, '12.5'],
  [100, '100.0'],
  [1 / 3, '0.33333334'],
])('prints %s as %s', (value, text) => {
  expect(javaFloat(value)).toBe(text);
});

it('prints what reads back as the same float, in the fewest digits that do', () => {
  const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1, max: 1 });
  fc.assert(
    fc.property(anyFloat, (value) => Object.is(Math.fround(Number(javaFloat(value))), Math.fround(value))),
    { seed: 1 },
  );
});
