import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LENGTH_BUCKETS, lengthBucket } from './length-bucket.ts';

describe('lengthBucket', () => {
  it.each([
    [0, 0],
    [47, 0],
    [48, 1],
    [63, 1],
    [64, 2],
    [95, 2],
    [96, 3],
    [128, 4],
    [2 ** 30, 50],
  ])('puts %i characters into bucket %i', (characters, bucket) => {
    expect(lengthBucket(characters)).toBe(bucket);
  });

  it('holds lengths of at most one and a half times each other, the longer never below the shorter', () => {
    const length = fc.integer({ min: 32, max: 2 ** 30 });
    fc.assert(
      fc.property(length, length, (a, b) => {
        const [short, long] = [Math.min(a, b), Math.max(a, b)];
        expect(lengthBucket(long)).toBeGreaterThanOrEqual(lengthBucket(short));
        expect(lengthBucket(long)).toBeLessThan(LENGTH_BUCKETS);
        if (lengthBucket(long) === lengthBucket(short)) expect(long / short).toBeLessThan(1.5);
      }),
    );
  });
});
