import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatByteSize, parseByteSize } from './byte-size.ts';

describe('a byte size', () => {
  it.each([
    ['1048576', 1_048_576],
    ['256MiB', 268_435_456],
    ['256 mib', 268_435_456],
    ['1.5GiB', 1_610_612_736],
    ['10kB', 10_000],
    ['2 GB', 2_000_000_000],
    ['7B', 7],
    [' 7 ', 7],
  ])('reads %s as %i', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each(['', 'MiB', '256M', '1.5', '-1', '1e3', '1 MiB extra', '99999999GiB', '1,5MiB'])(
    'is not %j',
    (text) => {
      expect(parseByteSize(text)).toBeUndefined();
    },
  );

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 40 }), (bytes) => parseByteSize(formatByteSize(bytes)) === bytes),
      { seed: 7 },
    );
  });

  it('is written in the largest unit that divides it', () => {
    expect([1, 1023, 1024, 1536, 268_435_456, 2 ** 30].map(formatByteSize)).toEqual([
      '1',
      '1023',
      '1KiB',
      '1536',
      '256MiB',
      '1GiB',
    ]);
  });
});
