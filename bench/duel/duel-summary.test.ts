import { expect, it } from 'vitest';
import { type DuelRound, ratePerSecond, summarizeDuel } from './duel-summary.ts';
import type { StreamResult } from './ledger.ts';

const stream = (overrides: Partial<StreamResult>): StreamResult => ({
  name: 'bulk',
  kind: 'closed',
  answeredChunks: 1_000,
  countedChunks: 500,
  dueChunks: 0,
  latenciesMs: [],
  failures: new Map(),
  checked: 0,
  ...overrides,
});
const round = (overrides: Partial<DuelRound>): DuelRound => ({
  seconds: 2,
  workedChunks: 1_000,
  workedPerSecond: 400,
  streams: [stream({})],
  cpu: { target: 0.5, withBackends: 0.75, load: 0.25, foreign: 0.2, steal: 0.1, total: 4 },
  ...overrides,
});

it('rates a closed loop by the work of the servers, less what came back to nobody', () => {
  const half = round({ workedChunks: 2_000 });
  expect(ratePerSecond(stream({}), round({}))).toBe(400);
  expect(ratePerSecond(stream({}), half)).toBe(200);
});

it('rates an open loop by its answers in time, and its share by what was asked for', () => {
  const open = stream({ kind: 'open', countedChunks: 90, dueChunks: 100 });
  const { chunksPerSecond, shareOfIdeal } = summarizeDuel([round({ streams: [open] })], 'bulk', 1_000);
  expect([chunksPerSecond, shareOfIdeal]).toEqual([45, 0.9]);
});

it('puts rounds together: the middle rate, all latencies of the first stream, all failures', () => {
  const queries = (latenciesMs: number[]) =>
    stream({ name: 'queries', latenciesMs, failures: new Map([['status 503', 2]]), checked: 3 });
  const bulk = stream({ failures: new Map([['wrong vectors', 1]]), checked: 5 });
  const rounds = [
    round({ streams: [queries([1, 2]), bulk], workedPerSecond: 300 }),
    round({ streams: [queries([9, 3]), bulk], workedPerSecond: 500 }),
    round({ streams: [queries([4, 5]), bulk] }),
  ];
  expect(summarizeDuel(rounds, 'bulk', 800)).toEqual({
    chunksPerSecond: 400,
    slowestPerSecond: 300,
    fastestPerSecond: 500,
    shareOfIdeal: 0.5,
    p50Ms: 3,
    p99Ms: 9,
    maxMs: 9,
    failures: new Map([
      ['status 503', 6],
      ['wrong vectors', 3],
    ]),
    checked: 24,
    cpu: {
      targetRatio: 0.25,
      loadRatio: 0.125,
      foreignRatio: expect.closeTo(0.05),
      stealRatio: expect.closeTo(0.025),
    },
  });
});

it('says nothing of CPU time when a round knows none', () => {
  expect(summarizeDuel([round({}), round({ cpu: undefined })], 'bulk', 1).cpu).toBeUndefined();
});
