import { expect, it } from 'vitest';
import type { Round } from './measure.ts';
import { summarize } from './summary.ts';

const round = (overrides: Partial<Round>): Round => ({
  seconds: 2,
  latenciesMs: [1, 2, 3, 4],
  refused: 0,
  broken: 0,
  checked: 1,
  wrong: 0,
  cpu: { target: 0.001, withBackends: 0.003, load: 1, foreign: 0.5, steal: 0.25, total: 4 },
  ...overrides,
});

it('takes the middle rate, all latencies together, and CPU time by all requests', () => {
  const rounds = [
    round({ latenciesMs: [10, 10], refused: 1 }),
    round({}),
    round({ latenciesMs: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], broken: 2, wrong: 1 }),
  ];
  expect(summarize(rounds, 32)).toEqual({
    rounds: 3,
    requestsPerSecond: 2,
    slowestPerSecond: 1,
    fastestPerSecond: 5,
    chunksPerSecond: 64,
    p50Ms: 4,
    p99Ms: 10,
    requests: 16,
    refused: 1,
    broken: 2,
    checked: 3,
    wrong: 1,
    cpu: {
      targetMicros: expect.closeTo(187.5),
      withBackendsMicros: expect.closeTo(562.5),
      loadRatio: 0.5,
      foreignRatio: 0.125,
      stealRatio: 0.0625,
    },
  });
});

it('says nothing of CPU time when a round knows none', () => {
  expect(summarize([round({}), round({ cpu: undefined })], 1).cpu).toBeUndefined();
});

it('takes the mean of the middle two of an even number of rounds', () => {
  const rounds = [1, 9, 3, 4].map((answers) => round({ latenciesMs: Array(answers).fill(5) }));
  expect(summarize(rounds, 1).requestsPerSecond).toBe(1.75);
});
