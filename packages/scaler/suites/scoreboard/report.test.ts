import { describe, expect, it } from 'vitest';
import type { Criterion, Verdict } from './criteria.ts';
import type { JobResult } from './job.ts';
import { toMarkdown } from './report.ts';

const MEASURED = { p99: 50, hours: 10, actions: 4, firstOrderDelay: 0 };
const verdict = (criterion: Criterion, holds: boolean): Verdict => ({
  criterion,
  holds,
  reached: 50,
  allowed: Infinity,
  bar: 'hpa',
});
const result = (seed: number, holds: boolean): JobResult => ({
  job: {
    source: { kind: 'generated', name: 'bursty', seed, mean: 6 },
    rateDivisor: 4,
    startupSeconds: 60,
    shifts: [0],
    max: 100,
    tickSeconds: 5,
    policies: ['mine'],
  },
  yardsticks: {
    hpa: MEASURED,
    hpa002: MEASURED,
    awsTargetTracking: MEASURED,
    knative: MEASURED,
    hpaCold: MEASURED,
    fixed: [],
  },
  scored: [
    {
      policy: 'mine',
      candidate: { warm: MEASURED, cold: MEASURED, fromZero: MEASURED },
      verdicts: [verdict('A', holds), verdict('C', true)],
    },
  ],
});

describe('toMarkdown', () => {
  it('has a row for each cell and the sums', () => {
    expect(toMarkdown([result(1, true), result(2, false)], ['mine'], false)).toBe(`## mine

Each cell: reached / allowed (what set the bar); ✗ marks one that does not hold.

| trace | rate | S | p99/hours/actions | A | B | C | D | E | F |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| bursty 1 | mean/4 | 60 | 50/10.0/4 | 50 / ∞ (hpa) |  | 50 / ∞ (hpa) |  |  |  |
| bursty 2 | mean/4 | 60 | 50/10.0/4 | ✗ 50 / ∞ (hpa) |  | 50 / ∞ (hpa) |  |  |  |

| trace | A | B | C | D | E | F | all |
| --- | --- | --- | --- | --- | --- | --- | --- |
| bursty | 1/2 |  | 2/2 |  |  |  | 3/4 (75 %) |
| all | 1/2 |  | 2/2 |  |  |  | 3/4 (75 %) |
`);
  });
});
