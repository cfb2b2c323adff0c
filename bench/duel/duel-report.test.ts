import { expect, it } from 'vitest';
import { renderTable } from './duel-report.ts';
import type { DuelSummary } from './duel-summary.ts';

const summary: DuelSummary = {
  chunksPerSecond: 4_500,
  slowestPerSecond: 4_400,
  fastestPerSecond: 4_600.4,
  shareOfIdeal: 0.723,
  p50Ms: 5.456,
  p99Ms: 61.24,
  maxMs: 1_234.5,
  failures: new Map(),
  checked: 12_345,
  cpu: { targetRatio: 0.5, loadRatio: 0.25, foreignRatio: 0.01, stealRatio: 0 },
};

it('writes a line for each rival', () => {
  const table = { title: 'A', about: 'b', rows: [{ rival: 'nginx', summary, repeats: 1 }] };
  expect(renderTable(table)).toBe(`## A

b.

| rival | chunks/s (slowest–fastest round) | share of ideal | p50 ms | p99 ms | max ms | failures | wrong/checked answers | CPU | load CPU | foreign CPU | steal | repeats |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| nginx | 4,500 (4,400–4,600) | 72 % | 5.46 | 61.2 | 1,235 | 0 | 0/12,345 | 50 % | 25 % | 1 % | 0 % | 1 |
`);
});

it('says what failed, and what a disturbance cost', () => {
  const failures = new Map([
    ['status 503', 1_200],
    ['wrong vectors', 3],
  ]);
  const rows = [
    {
      rival: 'nginx',
      summary: { ...summary, failures, cpu: undefined },
      repeats: 0,
      undisturbedPerSecond: 5_000,
    },
  ];
  const lines = renderTable({ title: 'A', about: 'b', rows }).split('\n');
  expect(lines[4]).toContain('| share of ideal | lost to the queries | p50 ms |');
  expect(lines[6]).toContain('| 72 % | 10 % | 5.46 |');
  expect(lines[6]).toContain('| 1,203 | 3/12,345 | – | – | – | – | 0 |');
  expect(lines[8]).toBe('Failures. nginx: 1,200 × status 503, 3 × wrong vectors.');
});
