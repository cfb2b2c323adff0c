import { expect, it } from 'vitest';
import { type ProcessUsage, processUsage, type TreeReading } from './process-usage.ts';
import { usageSamples } from './usage-samples.ts';

type ReadTree = Extract<TreeReading, { kind: 'read' }>;

const tree = (fields: Partial<ReadTree> = {}): ReadTree => ({
  kind: 'read',
  atMs: 2_000,
  startedAt: 1,
  cpuSeconds: 0,
  memoryBytes: 0,
  disk: { readBytes: 0, writtenBytes: 0 },
  ...fields,
});
const limits = { cores: 4, memoryBytes: 1_000 };
const early = tree({ atMs: 0 });

it('is what was used between two readings', () => {
  const later = tree({ cpuSeconds: 3, memoryBytes: 250, disk: { readBytes: 10, writtenBytes: 40 } });
  expect(processUsage(early, later, limits)).toEqual({
    kind: 'read',
    atMs: 2_000,
    cpuPercent: 37.5,
    memoryPercent: 25,
    disk: { readBytesPerSecond: 5, writtenBytesPerSecond: 20 },
  });
});

it('is at most 100 % and at least 0', () => {
  const later = tree({ cpuSeconds: 50, memoryBytes: 2_000 });
  expect(processUsage(early, later, limits)).toMatchObject({ cpuPercent: 100, memoryPercent: 100 });
  expect(processUsage(tree({ atMs: 0, cpuSeconds: 5 }), tree(), limits)).toMatchObject({ cpuPercent: 0 });
});

const NOT_YET = { kind: 'failed', reason: 'it takes a second reading', atMs: 2_000 };

it.each<[string, TreeReading | undefined, TreeReading, unknown]>([
  ['the first reading', undefined, tree(), NOT_YET],
  ['the first after a failed one', { kind: 'failed', reason: 'gone', atMs: 0 }, tree(), NOT_YET],
  ['another process with the same id', tree({ atMs: 0, startedAt: 7 }), tree(), NOT_YET],
  ['two readings at the same time', tree(), tree(), NOT_YET],
  [
    'a failed reading',
    early,
    { kind: 'failed', reason: 'gone', atMs: 2_000 },
    { kind: 'failed', reason: 'gone', atMs: 2_000 },
  ],
])('is not known from %s', (_, earlier, later, expected) => {
  expect(processUsage(earlier, later, limits)).toEqual(expected);
});

it('knows no disk use where one reading has none', () => {
  expect(processUsage(early, tree({ disk: undefined }), limits)).toMatchObject({ disk: undefined });
});

const used = (cpuPercent: number, atMs: number) => ({
  kind: 'read' as const,
  atMs,
  cpuPercent,
  memoryPercent: 10,
  disk: { readBytesPerSecond: 2 * cpuPercent, writtenBytesPerSecond: 3 * cpuPercent },
});

it('becomes means over the ready replicas', () => {
  const usage = new Map([
    ['a', used(10, 900)],
    ['b', used(30, 800)],
    ['starting', used(100, 900)],
  ]);
  const value = (number: number) => ({ kind: 'value', value: number, atMs: 800 });
  expect(usageSamples(usage, ['a', 'b'], 1_000)).toEqual({
    cpu_percent: value(20),
    memory_percent: value(10),
    disk_read_bytes_per_second: value(40),
    disk_write_bytes_per_second: value(60),
  });
});

it.each<[string, readonly string[], string, number]>([
  ['no replica is ready', [], 'no replica is ready', 1_000],
  ['a process is not known', ['a', 'x'], 'x: its process is not known', 1_000],
  ['a process can’t be read', ['a', 'gone'], 'gone: process 7 is gone', 900],
])('becomes missing samples when %s', (_, readyIds, reason, atMs) => {
  const usage = new Map<string, ProcessUsage>([
    ['a', used(10, 900)],
    ['gone', { kind: 'failed', reason: 'process 7 is gone', atMs: 900 }],
  ]);
  const missing = { kind: 'missing', reason, atMs };
  expect(Object.values(usageSamples(usage, readyIds, 1_000))).toEqual([missing, missing, missing, missing]);
});

it('becomes missing samples of disks alone for another user’s process', () => {
  const usage = new Map([['a', { ...used(10, 900), disk: undefined }]]);
  expect(usageSamples(usage, ['a'], 1_000)).toMatchObject({
    cpu_percent: { kind: 'value' },
    disk_read_bytes_per_second: { kind: 'missing', reason: 'a: its process belongs to another user' },
  });
});
