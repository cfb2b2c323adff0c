import { expect, it } from 'vitest';
import { fingerprintOf, requestsOf, titleOf, traceSources } from './traces.ts';

it('lists the file first, then each load with each seed', () => {
  expect(traceSources(['a.csv'], 2, 6, undefined).map(titleOf)).toEqual([
    'azure (a.csv)',
    'diurnal 1',
    'diurnal 2',
    'bursty 1',
    'bursty 2',
    'bulk 1',
    'bulk 2',
    'flash 1',
    'flash 2',
  ]);
});

it('lists only what is asked for, and goes without a file', () => {
  expect(traceSources([], 1, 6, ['azure', 'flash']).map(titleOf)).toEqual(['flash 1']);
});

it('tells traces of another seed or mean apart', () => {
  const of = (seed: number, mean: number) =>
    fingerprintOf(requestsOf({ kind: 'generated', name: 'bursty', seed, mean }));
  expect(new Set([of(1, 6), of(2, 6), of(1, 7), of(1, 6)]).size).toBe(3);
});
