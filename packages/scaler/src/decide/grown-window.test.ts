import { expect, it } from 'vitest';
import type { CountChange } from '../values/decision.ts';
import { grownWindowSeconds } from './grown-window.ts';

const settings = {
  stabilizationSeconds: { out: 0, in: 450 },
  flapping: { growth: 1.5, withinSeconds: 900, longestSeconds: 1_200 },
};

/** Changes by second and count. */
function changes(...steps: readonly (readonly [number, number])[]): readonly CountChange[] {
  return steps.slice(1).map(([second, to], i) => ({ atMs: second * 1_000, from: steps[i]?.[1] ?? 0, to }));
}

it.each<[string, readonly CountChange[], number]>([
  ['is as configured without changes', [], 450],
  ['is as configured after scale-outs', changes([0, 1], [10, 4], [20, 9]), 450],
  ['grows when a cut was taken back soon', changes([0, 9], [100, 4], [999, 9]), 675],
  ['grows again', changes([0, 9], [100, 4], [500, 9], [1_000, 4], [1_500, 9]), 1_012.5],
  ['grows to its longest', changes([0, 9], [1, 4], [2, 9], [3, 4], [4, 9], [5, 4], [6, 9]), 1_200],
  ['stays for a cut that held for a while', changes([0, 9], [100, 4], [1_500, 9]), 450],
  ['shrinks back for a cut that held for long', changes([0, 9], [1, 4], [2, 9], [100, 4], [2_000, 9]), 450],
  ['counts the last cut before the growth', changes([0, 9], [100, 6], [2_000, 4], [2_100, 9]), 675],
])('%s', (_, given, seconds) => {
  expect(grownWindowSeconds(given, settings)).toBe(seconds);
});

it('never grows with a growth of 1', () => {
  const given = changes([0, 9], [100, 4], [200, 9]);
  expect(grownWindowSeconds(given, { ...settings, flapping: { ...settings.flapping, growth: 1 } })).toBe(450);
});
