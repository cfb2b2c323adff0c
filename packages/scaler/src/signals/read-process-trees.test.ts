import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { cannedProc } from './proc-files.test-support.ts';
import { systemProcFiles } from './proc-files.ts';
import { readProcessTrees } from './read-process-trees.ts';

it('sums up a process and all that descend from it, and nothing else', async () => {
  const proc = cannedProc({
    1: { parent: 0, residentKib: 7_000, ticks: [900, 0, 0, 0] },
    10: { parent: 1, startedAt: 55, ticks: [100, 20, 3, 4], residentKib: 50, io: { read: 1, written: 2 } },
    11: {
      parent: 10,
      name: 'a) b (c',
      ticks: [200, 0, 0, 0],
      residentKib: 60,
      io: { read: 10, written: 20 },
    },
    12: { parent: 11, ticks: [0, 1_000, 0, 0], residentKib: 70, io: { read: 100, written: 200 } },
    20: { parent: 1, ticks: [5, 0, 0, 0] },
  });
  expect(await readProcessTrees([10, 20], proc, 3_000)).toEqual(
    new Map([
      [
        10,
        {
          kind: 'read',
          atMs: 3_000,
          startedAt: 55,
          cpuSeconds: 13.27,
          memoryBytes: 180 * 1_024,
          disk: { readBytes: 111, writtenBytes: 222 },
        },
      ],
      [20, expect.objectContaining({ kind: 'read', cpuSeconds: 0.05 })],
    ]),
  );
});

it('fails for a process that is gone', async () => {
  expect(await readProcessTrees([10], cannedProc({}), 3_000)).toEqual(
    new Map([[10, { kind: 'failed', atMs: 3_000, reason: 'process 10 is gone' }]]),
  );
});

it('leaves out a child that ends meanwhile', async () => {
  const proc = cannedProc({ 10: { parent: 1, residentKib: 1 }, 11: { parent: 10, io: 'ESRCH' } });
  const pids = async () => [...(await proc.pids()), 12];
  expect((await readProcessTrees([10], { ...proc, pids }, 0)).get(10)).toMatchObject({
    memoryBytes: 1_024,
    disk: { readBytes: 0, writtenBytes: 0 },
  });
});

it('knows no disk use of another user’s processes', async () => {
  const proc = cannedProc({ 10: { parent: 1 }, 11: { parent: 10, io: 'EACCES' } });
  expect((await readProcessTrees([10], proc, 0)).get(10)).toMatchObject({ kind: 'read', disk: undefined });
});

it('fails where there is no /proc', async () => {
  const proc = { ...cannedProc({}), pids: () => Promise.reject(new Error('ENOENT')) };
  const reason = 'there is no /proc: usage of processes is measured on Linux only';
  expect(await readProcessTrees([10], proc, 0)).toEqual(new Map([[10, { kind: 'failed', atMs: 0, reason }]]));
});

it.runIf(process.platform === 'linux')('reads real processes: a shell and what it started', async () => {
  const child = spawn('sh', ['-c', 'sleep 60 & echo; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    const own = process.pid;
    const trees = await readProcessTrees([pid, own], systemProcFiles, 0);
    expect(trees.get(pid)).toMatchObject({ kind: 'read', disk: expect.anything() });
    const [tree, all] = [trees.get(pid), trees.get(own)];
    if (tree?.kind !== 'read' || all?.kind !== 'read') throw new Error('not read');
    expect(tree.startedAt).toBeGreaterThan(0);
    expect(tree.memoryBytes).toBeGreaterThan(100_000);
    expect(all.memoryBytes).toBeGreaterThan(process.memoryUsage.rss() / 2);
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    expect(all.cpuSeconds).toBeGreaterThan(((userCPUTime + systemCPUTime) / 1e6) * 0.5);
  } finally {
    process.kill(child.pid ?? 0, 'SIGKILL');
  }
});
