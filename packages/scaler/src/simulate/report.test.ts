import { describe, expect, it } from 'vitest';
import { toJsonReport, toTable } from './report.ts';
import type { RunResult } from './simulator.ts';

const result = (changes: Partial<RunResult> = {}): RunResult => ({
  waitP50Seconds: 0,
  waitP99Seconds: 12.34,
  waitMaxSeconds: 20,
  replicaHours: 4.5,
  actions: 3,
  unserved: 0,
  ...changes,
});
const never = result({ waitP99Seconds: Infinity, waitMaxSeconds: Infinity, unserved: 40, actions: 0 });
const rows = [
  { policy: 'hpa', result: result() },
  { policy: 'fixed:1', result: never },
];

describe('toJsonReport', () => {
  it('has the fields of the contract, in its order', () => {
    expect(toJsonReport(rows.slice(0, 1), 2)).toBe(`[
  {
    "policy": "hpa",
    "wait_p50_seconds": 0,
    "wait_p99_seconds": 12.34,
    "wait_max_seconds": 20,
    "replica_hours": 4.5,
    "actions": 3,
    "cost": 9,
    "unserved": 0
  }
]
`);
  });

  it('says null for an infinite wait and for a cost without a price', () => {
    expect(JSON.parse(toJsonReport(rows.slice(1), undefined))).toEqual([
      {
        policy: 'fixed:1',
        wait_p50_seconds: 0,
        wait_p99_seconds: null,
        wait_max_seconds: null,
        replica_hours: 4.5,
        actions: 0,
        cost: null,
        unserved: 40,
      },
    ]);
  });
});

describe('toTable', () => {
  it('has a line for each policy', () => {
    expect(toTable(rows, 2)).toBe(`policy   wait p50     p99     max  replica-hours  actions  cost  unserved
hpa         0.0 s  12.3 s  20.0 s           4.50        3  9.00         0
fixed:1     0.0 s   never   never           4.50        0  9.00        40
`);
  });
});
