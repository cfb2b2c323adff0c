import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RollingMean } from './rolling-mean.ts';

it('is the mean of the last values, whatever came before', () => {
  const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 20 }), (all, size) => {
      const rolling = new RollingMean(size);
      expect(rolling.mean()).toBeUndefined();
      for (const value of all) rolling.push(value);
      const last = all.slice(-size);
      expect(rolling.mean()).toBeCloseTo(last.reduce((sum, one) => sum + one, 0) / last.length, 3);
    }),
  );
});
