import { expect, it } from 'vitest';
import { Suspects } from './suspects.ts';

it('watches a tenant for 30 s from its last bad text', () => {
  const suspects = new Suspects();
  expect(suspects.at(0)).toBeUndefined();
  suspects.note('a', 0);
  suspects.note('b', 10_000);
  suspects.note('a', 20_000);
  expect(suspects.at(39_999)).toEqual(new Set(['a', 'b']));
  expect(suspects.at(40_000)).toEqual(new Set(['a']));
  expect(suspects.at(50_000)).toBeUndefined();
});

it('watches a bounded number of tenants, those that it saw last', () => {
  const suspects = new Suspects();
  for (let i = 0; i < 1_200; i += 1) suspects.note(`tenant ${i}`, 0);
  const watched = suspects.at(1);
  expect([watched?.size, watched?.has('tenant 199'), watched?.has('tenant 200')]).toEqual([
    1_000,
    false,
    true,
  ]);
});
