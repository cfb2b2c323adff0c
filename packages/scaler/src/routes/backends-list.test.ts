import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ready, starting, unhealthy } from '../reconcile/replica.test-support.ts';
import { groupSettings } from '../values/group-settings.test-support.ts';
import { backendsList, tenantWeight } from './backends-list.ts';

const weight = (priority: number, resourceAllocation: number) =>
  tenantWeight({ id: 'a', priority, resourceAllocation });

it.each([
  [5, 0, 1],
  [8, 30, 4.525],
  [7, 0, 2],
  [5, 50, 2],
  [0, 0, 0.177],
  [10, 100, 16.971],
])('weighs priority %d with %d %% as %d', (priority, allocation, expected) => {
  expect(weight(priority, allocation)).toBe(expected);
});

it('grows with both and is always a weight that gateways take', () => {
  const priority = fc.double({ min: 0, max: 10, noNaN: true });
  const allocation = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(priority, priority, allocation, allocation, (p, otherP, a, otherA) => {
      const less = weight(Math.min(p, otherP), Math.min(a, otherA));
      const more = weight(Math.max(p, otherP), Math.max(a, otherA));
      expect(less).toBeGreaterThan(0);
      expect(more).toBeGreaterThanOrEqual(less);
    }),
    { seed: 1 },
  );
});

it.each([
  ['one of three', [ready('a'), ready('b'), unhealthy('c')], 'ready ready draining'],
  ['most, which seem to be cut off', [ready('a'), unhealthy('b'), unhealthy('c')], 'ready ready ready'],
  ['all, beside a replacement', [unhealthy('a'), unhealthy('b'), starting('c')], 'ready ready starting'],
  [
    'most, by their own word',
    [ready('a'), unhealthy('b', 9, 'itself'), unhealthy('c', 9, 'itself')],
    'ready draining draining',
  ],
  ['the only one', [unhealthy('a'), starting('c')], 'draining starting'],
])(
  'leaves it to gateways whether unhealthy ones work where it may be the way to them: %s',
  (_, rows, states) => {
    const replicas = rows.map((row) => ({ ...row, url: `http://${row.id}` }));
    const state = { group: 'cpu', desired: 3, replicas, paused: { in: false, out: false } };
    const { backends } = backendsList([{ settings: groupSettings(), state }], []);
    expect(backends.map((each) => each.state).join(' ')).toBe(states);
  },
);
