import { describe, expect, it } from 'vitest';
import type { Random } from '../random.ts';
import { exponential, PoolSimulation, type SimulationOptions } from './pool-simulation.test-support.ts';
import { type Machine, machine } from './simulated-machine.test-support.ts';

const gpu = machine('gpu', 6, 0.22);
const fourCpus = (slowness = 1) => [1, 2, 3, 4].map(() => machine('cpu', 2 * slowness, 1.6 * slowness));
const gpuAndCpus = [gpu, ...fourCpus()];

/** Chunks per second of all at batches of 128. */
const IDEAL = 6_223;

/** A thread that takes 90 µs for a request, 0.3 ms for a batch and 10 µs for each of its chunks. */
const costs = { requestMs: 0.045, batchMs: 0.15, chunkMs: 0.005, planMs: 0.02 };

const STAMPS = {
  exact: {},
  'late by 2 ms': { delayMs: exponential(2) },
  // 99 in 100 within 7 ms.
  'seen by a busy thread': { costs, delayMs: exponential(1.52) },
} satisfies Record<string, SimulationOptions>;

/** Mostly queries, some pages, few whole documents: 32 chunks on average. */
function mixed(random: Random): number {
  const kind = random();
  const within = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  return kind < 0.6 ? 1 : kind < 0.85 ? within(2, 32) : kind < 0.97 ? within(33, 128) : within(129, 1_000);
}

const slowFrom = (fromMs: number, toMs: number, baseMs: number, perChunkMs: number): Partial<Machine> => ({
  batchMs: ({ chunks }, nowMs) => (baseMs + perChunkMs * chunks) * (nowMs >= fromMs && nowMs < toMs ? 10 : 1),
});

/** Milliseconds from now until a job of so many chunks is done. */
function jobMs(pool: PoolSimulation, chunks: number): number {
  const sentMs = pool.nowMs;
  pool.submit(chunks);
  pool.run(sentMs + 30_000);
  return (pool.finished.at(-1)?.atMs ?? Number.NaN) - sentMs;
}

describe.each(Object.entries(STAMPS))('a pool whose answers are %s', (stamps, options) => {
  it.each([
    [256, 0.88],
    [1_024, 0.97],
  ])('reaches with %i clients of one text %f of the ideal rate', (clients, least) => {
    const pool = new PoolSimulation(gpuAndCpus, options);
    pool.closedLoop(clients);
    pool.run(6_000);
    expect(pool.rate(2_000, 6_000) / IDEAL).toBeGreaterThan(least);
  });

  it('answers 2,916 texts a second within 30 ms, nearly all within 60', () => {
    const pool = new PoolSimulation(gpuAndCpus, options);
    pool.openLoop(2_916);
    pool.run(5_000);
    expect(pool.latencyMs(0.5, 2_000)).toBeLessThan(30);
    expect(pool.latencyMs(0.99, 2_000)).toBeLessThan(60);
  });

  it('reaches 0.98 with 4 clients of 1,000 texts, all within 0.8 s', () => {
    const pool = new PoolSimulation(gpuAndCpus, options);
    pool.closedLoop(4, { chunks: () => 1_000 });
    pool.run(10_000);
    expect(pool.rate(2_000, 10_000) / IDEAL).toBeGreaterThan(0.98);
    expect(pool.latencyMs(0.99, 2_000)).toBeLessThan(800);
  });

  it('reaches 0.97 with 64 clients of 1 to 1,000 texts, nearly all within 0.9 s', () => {
    const pool = new PoolSimulation(gpuAndCpus, options);
    pool.closedLoop(64, { chunks: mixed });
    pool.run(12_000);
    expect(pool.rate(2_000, 12_000) / IDEAL).toBeGreaterThan(0.97);
    expect(pool.latencyMs(0.99, 2_000)).toBeLessThan(900);
  });

  it.each([
    ['within a tenth of the bound of 154 ms', fourCpus(), 1.1 * 154],
    ['as soon as the GPU alone where CPUs are 40 times slower', fourCpus(40), undefined],
  ])('finishes one job of 1,000 chunks %s, once learned', (_fact, cpus, mostMs) => {
    const [pool, alone] = [new PoolSimulation([gpu, ...cpus], options), new PoolSimulation([gpu], options)];
    for (let i = 0; i < 10; i += 1) [pool, alone].map((each) => jobMs(each, 3_000));
    const jobs = [1, 2, 3].map(() => jobMs(pool, 1_000)).sort((a, b) => a - b);
    const aloneMs = Math.max(...[1, 2, 3].map(() => jobMs(alone, 1_000)));
    // On top come the thread's own work for 1,000 chunks, and the latest of several late stamps.
    const seenLateMs = stamps === 'exact' ? 0 : 10;
    expect(jobs[1]).toBeLessThan((mostMs ?? 1.05 * aloneMs) + seenLateMs);
  });

  it('finishes a first job, unmeasured, no later than the GPU alone and one probe of a slow CPU', () => {
    const aloneMs = jobMs(new PoolSimulation([gpu], options), 1_000);
    expect(jobMs(new PoolSimulation(gpuAndCpus, options), 1_000)).toBeLessThan(aloneMs);
    const probeMs = 40 * (2 + 1.6 * 8);
    expect(jobMs(new PoolSimulation([gpu, ...fourCpus(40)], options), 1_000)).toBeLessThan(aloneMs + probeMs);
  });

  it('predicts batches of mixed lengths within 15 %', () => {
    const curves = [
      [6, 0.05, 0.4],
      [2, 0.4, 3],
      [2, 0.4, 3],
    ] as const;
    const errors: number[] = [];
    const machines = curves.map(([base, perChunk, perKilocharacter], i) =>
      machine(i === 0 ? 'gpu' : 'cpu', base, perChunk, {
        batchMs: (shape, nowMs) => {
          const ms = base + perChunk * shape.chunks + (perKilocharacter * shape.paddedCharacters) / 1_000;
          const predictedMs = pool.gateways[0]?.paces[i]?.predictMs(shape) ?? Number.NaN;
          if (nowMs > 3_000) errors.push(Math.abs(predictedMs / ms - 1));
          return ms;
        },
      }),
    );
    const pool = new PoolSimulation(machines, options);
    pool.closedLoop(256, { characters: (random) => Math.floor(50 + 1_950 * random() ** 2) });
    pool.run(8_000);
    errors.sort((a, b) => a - b);
    expect(errors.length).toBeGreaterThan(100);
    expect(errors[Math.floor(0.9 * errors.length)]).toBeLessThan(0.15);
  });
});

const { exact, 'seen by a busy thread': busy } = STAMPS;

describe.each([
  ['exact', exact],
  ['seen by a busy thread', busy],
])('a pool that changes or is not known, whose answers are %s', (_stamps, options) => {
  it.each([
    ['GPU', 0, 64],
    ['GPU', 0, 256],
    ['CPU', 1, 256],
  ])(
    'follows a %s whose speed falls to a tenth for 10 s, within half a second, with %i, %i clients',
    (_kind, slow, clients) => {
      const pool = new PoolSimulation(
        [
          slow === 0 ? machine('gpu', 6, 0.22, slowFrom(5_000, 15_000, 6, 0.22)) : gpu,
          slow === 1 ? machine('cpu', 2, 1.6, slowFrom(5_000, 15_000, 2, 1.6)) : machine('cpu', 2, 1.6),
          ...fourCpus().slice(1),
        ],
        options,
      );
      pool.closedLoop(clients);
      pool.run(18_000);
      const share = (fromMs: number, toMs: number) =>
        pool.rate(fromMs, toMs, slow) / pool.rate(2_000, 5_000, slow);
      expect(share(6_000, 15_000)).toBeLessThan(0.2);
      expect(share(15_500, 16_500)).toBeGreaterThan(0.8);
      expect(share(16_500, 18_000)).toBeGreaterThan(0.9);
    },
  );

  it.each([
    [256, 0.64],
    [1_024, 0.93],
  ])('reaches with %i clients at three gateways that do not know of each other %f', (clients, least) => {
    const pool = new PoolSimulation(gpuAndCpus, { ...options, gateways: 3 });
    pool.closedLoop(clients);
    pool.run(8_000);
    expect(pool.rate(2_000, 8_000) / IDEAL).toBeGreaterThan(least);
  });

  it.each([
    [2, 0.9],
    [4, 0.7],
    [8, 0.7],
  ])('makes use of %i workers behind one URL from the 20th second on', (workers, least) => {
    const pool = new PoolSimulation([machine('cpu', 2, 1.6, { workers })], options);
    pool.closedLoop(80 * workers);
    pool.run(30_000);
    const oneWorker = 1_000 / (1.6 + 2 / 23);
    expect(pool.rate(20_000, 30_000) / (oneWorker * workers)).toBeGreaterThan(least);
  });

  it.each([80, 2_000])(
    'keeps to one worker where there is one, but for short tries (%i clients)',
    (clients) => {
      const pool = new PoolSimulation([machine('cpu', 2, 1.6)], options);
      pool.closedLoop(clients);
      let moreMs = 0;
      for (let nowMs = 100; nowMs <= 20_000; nowMs += 100) {
        pool.run(nowMs);
        const workers = pool.gateways[0]?.paces[0]?.view('', 'cpu', nowMs).workers ?? 0;
        if (workers > 1) moreMs += 100;
      }
      expect(moreMs).toBeLessThan(3_000);
      expect(pool.gateways[0]?.paces[0]?.view('', 'cpu', 20_000).workers).toBe(1);
    },
  );
});

describe('a pool', () => {
  it.each([
    ['10 + 6.2·n + 0.32·n² ms, as a real engine with long texts', 10, 6.2, 0.316],
    ['20 + n + 0.01·n² ms', 20, 1, 0.01],
    ['5 + 10·n + 0.1·n² ms', 5, 10, 0.1],
    ['6 + 0.22·n + 0.001·n² ms', 6, 0.22, 0.001],
  ])('finds good batches where the curve bends upwards: %s', (_curve, base, perChunk, perSquare) => {
    const batchMs = (chunks: number) => base + perChunk * chunks + perSquare * chunks ** 2;
    const best = Math.max(...Array.from({ length: 128 }, (_, i) => (1_000 * (i + 1)) / batchMs(i + 1)));
    const pool = new PoolSimulation([machine('cpu', 0, 0, { batchMs: ({ chunks }) => batchMs(chunks) })]);
    pool.closedLoop(600);
    pool.run(15_000);
    expect(pool.rate(5_000, 15_000) / best).toBeGreaterThan(0.9);
  });
});
