import { describe, expect, it } from 'vitest';
import { machine, PoolSimulation } from './pool-simulation.test-support.ts';

const cpus = [1, 2, 3, 4].map(() => machine('cpu', 2, 1.6));
const gpuAndCpus = [machine('gpu', 6, 0.22), ...cpus];

/** Chunks per second of all at batches of 128. */
const IDEAL = 6_223;

describe('Pace and plan', () => {
  it.each([
    [256, 0.85],
    [1_024, 0.95],
  ])('reach with %i clients %f of the ideal rate', (clients, least) => {
    const pool = new PoolSimulation(gpuAndCpus, { closedLoop: true });
    pool.submit(clients);
    pool.run(10_000);
    expect(pool.rate(2_000, 10_000) / IDEAL).toBeGreaterThan(least);
  });

  it('finish one job of 1,000 chunks within a tenth of the bound', () => {
    const pool = new PoolSimulation(gpuAndCpus, { closedLoop: false });
    for (let i = 0; i < 10; i += 1) {
      pool.submit(3_000);
      pool.run(pool.nowMs + 3_000);
    }
    const [beganMs, before] = [pool.nowMs, pool.answered.length];
    pool.submit(1_000);
    pool.run(beganMs + 2_000);
    const job = pool.answered.slice(before);
    expect(job.reduce((sum, { chunks }) => sum + chunks, 0)).toBe(1_000);
    expect(Math.max(...job.map(({ atMs }) => atMs)) - beganMs).toBeLessThan(1.1 * 154);
  });

  it('take work from a backend whose speed falls to a tenth, and give it back', () => {
    const batchMs = (chunks: number, nowMs: number) =>
      (6 + 0.22 * chunks) * (nowMs >= 5_000 && nowMs < 10_000 ? 10 : 1);
    const pool = new PoolSimulation([machine('gpu', 6, 0.22, { batchMs }), ...cpus], { closedLoop: true });
    pool.submit(256);
    pool.run(16_000);
    const before = pool.rate(2_000, 5_000, 0);
    expect(pool.rate(6_000, 10_000, 0)).toBeLessThan(0.2 * before);
    expect(pool.rate(12_000, 16_000, 0)).toBeGreaterThan(0.9 * before);
  });
});
