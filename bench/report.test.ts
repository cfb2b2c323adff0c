import { expect, it } from 'vitest';
import { renderReport, renderSection } from './report.ts';
import type { Summary } from './summary.ts';

const summary: Summary = {
  rounds: 3,
  requestsPerSecond: 5678.4,
  slowestPerSecond: 99.94,
  fastestPerSecond: 99.96,
  chunksPerSecond: 181708.8,
  p50Ms: 5.456,
  p99Ms: 12.34,
  requests: 51_000,
  refused: 2,
  broken: 1,
  checked: 5_100,
  wrong: 0,
  cpu: {
    targetMicros: 88.6,
    withBackendsMicros: 140.4,
    loadRatio: 0.955,
    foreignRatio: 0.021,
    stealRatio: 0,
  },
};

it('writes a table with one line for each workload and target', () => {
  const section = {
    title: 'instant',
    about: 'one server',
    rows: [{ workload: '32 texts', target: 'gateway', summary }],
    missing: ['nginx: it is not installed'],
  };
  expect(renderSection(section)).toBe(`## instant

one server.

| workload | target | requests/s (slowest–fastest round) | chunks/s | p50 ms | p99 ms | CPU µs/request | with backends | failures | wrong/checked | load CPU | foreign CPU | steal |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| 32 texts | gateway | 5,678 (99.9–100) | 181,709 | 5.46 | 12.3 | 88.6 | 140 | 3 | 0/5100 | 96 % | 2 % | 0 % |

Left out: nginx: it is not installed.
`);
});

it.each([
  ['no answer came', { p50Ms: Number.NaN, p99Ms: Number.NaN }, '| – | – | 88.6 |'],
  ['the machine tells no CPU time', { cpu: undefined }, '| – | – | 3 | 0/5100 | – | – | – |'],
])('puts a dash where %s', (_, overrides, cells) => {
  const rows = [{ workload: 'w', target: 't', summary: { ...summary, ...overrides } }];
  expect(renderSection({ title: 't', about: 'a', rows, missing: [] })).toContain(cells);
});

it('writes no table for a scenario that was left out', () => {
  const section = { title: 'local', about: 'real', rows: [], missing: ['all of it: no model'] };
  expect(renderSection(section)).toBe('## local\n\nreal.\n\nLeft out: all of it: no model.\n');
});

it('says when, where and how before the tables', () => {
  const report = {
    date: '2026-01-02T03:04:05.000Z',
    command: 'pnpm bench --quick',
    machine: [['CPU', '2 × x'] as const],
    notes: ['Rounds alternate.'],
    sections: [{ title: 'a', about: 'b', rows: [], missing: [] }],
  };
  expect(renderReport(report)).toBe(`# Benchmark of 2026-01-02T03:04:05.000Z

\`pnpm bench --quick\`

- CPU: 2 × x

- Rounds alternate.

## a

b.
`);
});
