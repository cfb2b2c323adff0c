import fc from 'fast-check';
import { expect, it } from 'vitest';
import { slowest } from './slowest.ts';

const PACE = { graceMs: 1_000, bytesPerMs: 10 };
const parcel = (name: string, bytes: number, sinceMs: number) => ({ name, bytes, sinceMs });
const names = (all: readonly { name: string }[]) => all.map(({ name }) => name).join();

it.each([
  ['nobody within the grace', [parcel('a', 10, 9_001)], 10, ''],
  ['who is over it', [parcel('a', 10, 8_000)], 10, 'a'],
  ['not who carries much and had no time for it', [parcel('a', 100_000, 8_000)], 10, ''],
  ['the slowest first', [parcel('a', 10, 8_000), parcel('b', 10, 5_000), parcel('c', 10, 7_000)], 11, 'b,c'],
  ['nobody who has nothing to give', [parcel('a', 0, 1_000), parcel('b', 10, 8_000)], 10, 'b'],
  ['no more than needed', [parcel('a', 10, 1_000), parcel('b', 1_000, 2_000)], 10, 'a'],
])('gives up %s', (_name, all, neededBytes, given) => {
  expect(names(slowest(all, 10_000, neededBytes, PACE))).toBe(given);
});

it('never gives up who keeps the pace, and never one more than needed', () => {
  const parcels = fc.array(fc.record({ bytes: fc.nat(1_000_000), sinceMs: fc.nat(100_000) }));
  fc.assert(
    fc.property(parcels, fc.integer({ min: 1, max: 2_000_000 }), (all, neededBytes) => {
      const given = slowest(all, 100_000, neededBytes, PACE);
      for (const { bytes, sinceMs } of given) expect(100_000 - sinceMs).toBeGreaterThan(1_000 + bytes / 10);
      const freed = given.slice(0, -1).reduce((sum, { bytes }) => sum + bytes, 0);
      expect(freed).toBeLessThan(neededBytes);
    }),
  );
});
