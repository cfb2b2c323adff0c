import { expect, it } from 'vitest';
import { containerUsage } from './container-usage.ts';
import type { EngineStats } from './engine-values.ts';

const at = (second: number) => new Date(Date.parse('2027-01-15T08:00:00Z') + second * 1_000).toISOString();

interface Look {
  readonly second?: number;
  readonly cpuNs?: number;
  readonly onlineCpus?: number;
  readonly memory?: EngineStats['memory_stats'];
}

const look = ({
  second = 0,
  cpuNs,
  onlineCpus = 4,
  memory = { usage: 300, limit: 1_000 },
}: Look): EngineStats => ({
  read: at(second),
  cpu_stats: { cpu_usage: { total_usage: cpuNs }, online_cpus: onlineCpus },
  memory_stats: memory,
});

const before = look({ cpuNs: 1e9 });

it.each([
  ['one of two CPUs', look({ second: 2, cpuNs: 3e9 }), 2e9, 50],
  ['half a CPU, all of its limit', look({ second: 2, cpuNs: 2e9 }), 0.5e9, 100],
  ['one of the four that the node has', look({ second: 2, cpuNs: 3e9 }), undefined, 25],
  ['nothing', look({ second: 2, cpuNs: 1e9 }), 1e9, 0],
  ['no time between two looks', look({ second: 0, cpuNs: 3e9 }), 1e9, undefined],
  ['a clock that was set back', look({ second: -2, cpuNs: 3e9 }), 1e9, undefined],
  ['a counter that fell', look({ second: 2, cpuNs: 0.5e9 }), 1e9, undefined],
  ['neither a limit nor CPUs', look({ second: 2, cpuNs: 3e9, onlineCpus: 0 }), undefined, undefined],
])('reads %s', (_, now, nanoCpus, cpuPercent) => {
  expect(containerUsage(before, now, nanoCpus)).toEqual({
    kind: 'read',
    usage: { cpuPercent, memoryPercent: 30 },
  });
});

it.each([
  ['cgroup v1', { usage: 500, limit: 1_000, stats: { total_inactive_file: 100, inactive_file: 7 } }, 40],
  ['cgroup v2', { usage: 500, limit: 1_000, stats: { inactive_file: 200 } }, 30],
  ['more that can be dropped than is used', { usage: 500, limit: 1_000, stats: { inactive_file: 600 } }, 0],
])('takes off pages that can be dropped: %s', (_, memory, memoryPercent) => {
  expect(containerUsage(undefined, look({ cpuNs: 1, memory }), 1e9)).toEqual({
    kind: 'read',
    usage: { cpuPercent: undefined, memoryPercent },
  });
});

it.each([
  ['CPU', look({ memory: { usage: 1, limit: 2 } })],
  ['memory', look({ cpuNs: 1, memory: {} })],
])('has no usage of one whose %s is not told: it has ended', (_, now) => {
  expect(containerUsage(before, now, 1e9)).toEqual({ kind: 'missing', reason: 'its container has ended' });
});
