import { expect, it } from 'vitest';
import { cpuUse } from './measure.ts';

it('tells the target, its backends, the load and strangers apart', () => {
  const before = { processSeconds: [1, 2, 3, 4], machine: { busy: 100, steal: 1, total: 200 } };
  const after = { processSeconds: [1.5, 2.25, 4, 6], machine: { busy: 105, steal: 1.5, total: 208 } };
  expect(cpuUse(before, after, 2)).toEqual({
    target: 0.75,
    withBackends: 1.75,
    load: 2,
    foreign: 1.25,
    steal: 0.5,
    total: 8,
  });
});

it('never counts strangers below nothing', () => {
  const before = { processSeconds: [0], machine: { busy: 0, steal: 0, total: 0 } };
  const after = { processSeconds: [1.01], machine: { busy: 1, steal: 0, total: 2 } };
  expect(cpuUse(before, after, 0).foreign).toBe(0);
});
