import { describe, expect, it } from 'vitest';
import { type HpaPods, recommendReplicas } from './hpa-recommendation.ts';

const pods = (current: number, ready: number, utilization: number): HpaPods => ({
  current,
  ready,
  unready: Math.max(0, current - ready),
  utilization,
});

describe('recommendReplicas at 70 %, tolerance 0.1', () => {
  it.each([
    ['out: 4 × 100 ÷ 70 = 5.7', pods(4, 4, 1), 6],
    ['in: 10 × 35 ÷ 70 = 5', pods(10, 10, 0.35), 5],
    ['idle: 0, which min raises', pods(4, 4, 0), 0],
    ['77 % is within the tolerance', pods(10, 10, 0.77), 10],
    ['78 % is not', pods(10, 10, 0.78), 12],
    ['63 % is within the tolerance', pods(10, 10, 0.63), 10],
    ['62 % is not', pods(10, 10, 0.62), 9],
    ['whole per cent: 77.9 % counts as 77', pods(10, 10, 0.779), 10],
    ['unready at 0 %, out: 8 × 100 + 2 × 0 is 80 % of 10, 11.4', pods(10, 8, 1), 12],
    ['unready at 0 % takes it into the tolerance', pods(6, 4, 1), 6],
    ['unready at 0 % turns the direction', pods(8, 4, 1), 8],
    ['below 1 only the ready count: 4 × 35 ÷ 70 gives the launching ones up', pods(8, 4, 0.35), 2],
    ['within the tolerance nothing happens, unready or not', pods(8, 4, 0.7), 8],
  ])('%s', (_, given, expected) => {
    expect(recommendReplicas(given, 70, 0.1)).toBe(expected);
  });
});
