import type { StrategyName } from '@forebay/pool-client';
import { describe, expect, it } from 'vitest';
import {
  MODEL,
  poolErrorOf,
  startBackend,
  startPool,
  startProvenPool,
  textsOf,
  until,
  wrongIndices,
} from './rig.ts';

describe('models', () => {
  it('keeps the texts of several models apart, and asks which is meant', async () => {
    const backends = [
      await startBackend({ models: ['one', 'two'] }),
      await startBackend({ models: ['two'] }),
    ];
    const { pool } = startPool({ backends: backends.map(({ url }) => url), modelAliases: { second: 'two' } });
    await pool.ready();
    const texts = textsOf(50);
    for (const [model, real] of [
      ['one', 'one'],
      ['two', 'two'],
      ['second', 'two'],
      ['org/two', 'two'],
    ] as const) {
      expect(wrongIndices(texts, await pool.encode(texts, { model }), real)).toEqual([]);
    }
    expect(await poolErrorOf(pool.encode(['a']))).toMatchObject({
      code: 'POOL_MODEL_NEEDED',
      message: 'Several models are served, say which: there is one, two',
    });
  });

  it('goes round the backends of one model, whatever the others get', async () => {
    const twice = [await startBackend({ models: ['m'] }), await startBackend({ models: ['m'] })];
    const other = await startBackend({ models: ['z'] });
    const backends = [...twice, other];
    const { pool } = await startProvenPool(backends, { strategy: 'round-robin' });
    for (let i = 0; i < 10; i += 1) {
      await pool.encode(['a'], { model: 'm' });
      await pool.encode(['a'], { model: 'z' });
    }
    expect(backends.map(({ counters }) => counters.textsComputed)).toEqual([5, 5, 10]);
  });
});

describe('protocols', () => {
  it.each([
    ['djl', (url: string) => `${url}/predictions/${MODEL}`],
    ['openai', (url: string) => `${url};protocol=openai;model=${MODEL}`],
    ['tei', (url: string) => `${url};protocol=tei;model=${MODEL}`],
  ] as const)('embeds over %s', async (protocol, urlOf) => {
    const { pool } = startPool({ backends: [urlOf((await startBackend()).url)] });
    const texts = ['one', 'two €', ...textsOf(100)];
    expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    expect(pool.stats().backends).toMatchObject([{ protocol, dimensions: 384, state: 'serving' }]);
  });

  it('embeds over the addresses of a name', async () => {
    const { port } = await startBackend();
    const { pool } = startPool({ backends: [`dns+http://localhost:${port}/predictions/${MODEL}`] });
    const texts = textsOf(50);
    await pool.ready();
    expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    expect(pool.stats().backends.map(({ id }) => id)).toContain(`127.0.0.1:${port}/${MODEL}`);
  });

  it('balances over backends of different protocols', async () => {
    const backends = [
      await startBackend({ aMs: 1 }),
      await startBackend({ aMs: 1 }),
      await startBackend({ aMs: 1 }),
    ];
    const [djl, openai, tei] = backends.map(({ url }) => url);
    const { pool } = startPool({
      backends: [
        { url: `${djl}/predictions/${MODEL}` },
        { url: `${openai}`, protocol: 'openai', model: MODEL },
        { url: `${tei}`, protocol: 'tei', model: MODEL },
      ],
    });
    const texts = textsOf(600);
    expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    for (const { counters } of backends) expect(counters.textsComputed).toBeGreaterThan(20);
  });
});

describe('strategies', () => {
  it.each<StrategyName>(['least-work', 'least-connections', 'round-robin', 'ip-hash'])(
    'embeds over two backends with %s',
    async (strategy) => {
      const backends = [await startBackend({ aMs: 1 }), await startBackend({ aMs: 1 })];
      const { pool } = await startProvenPool(backends, { strategy });
      const texts = textsOf(400);
      expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
      for (const { counters } of backends) expect(counters.textsComputed).toBeGreaterThan(20);
    },
  );

  it('takes a strategy by value', async () => {
    const backends = [await startBackend(), await startBackend()];
    const seen = new Set<number>();
    const { pool } = await startProvenPool(backends, {
      strategy: {
        name: 'last',
        pick: (available) => {
          seen.add(available.length);
          // The planner never asks about nobody.
          return available.at(-1) as (typeof available)[number];
        },
      },
    });
    for (let i = 0; i < 5; i += 1) await pool.encode(['a']);
    expect(backends.map(({ counters }) => counters.textsComputed)).toEqual([0, 5]);
    expect([...seen]).toContain(2);
  });

  it('binds a caller to one backend with ip-hash', async () => {
    const backends = [await startBackend(), await startBackend()];
    const { pool } = await startProvenPool(backends, { strategy: 'ip-hash' });
    const callers = Array.from({ length: 12 }, (_, i) => `10.0.0.${i}`);
    for (let round = 0; round < 3; round += 1) {
      for (const affinity of callers) await pool.submit({ texts: [affinity], affinity });
    }
    const [one, other] = backends.map(({ counters }) => [...counters.timesComputed]);
    for (const [, times] of [...(one ?? []), ...(other ?? [])]) expect(times).toBe(3);
    expect((one?.length ?? 0) + (other?.length ?? 0)).toBe(callers.length);
    expect(one?.length).toBeGreaterThan(0);
    expect(other?.length).toBeGreaterThan(0);
  });

  it('gives a bound caller to another backend when its own does not come free', async () => {
    const backends = [await startBackend(), await startBackend()];
    const { pool } = await startProvenPool(backends, { strategy: 'ip-hash' });
    await pool.submit({ texts: ['whose'], affinity: 'me' });
    const own = backends.find(({ counters }) => counters.textsComputed > 0);
    own?.setFault({ kind: 'hang' });
    // Its own takes two batches and answers neither; the third spills.
    const stuck = [0, 1].map((i) => pool.submit({ texts: textsOf(20, `stuck ${i}`), affinity: 'me' }));
    await until(() => (own?.counters.hung ?? 0) > 0);
    const answer = await pool.submit({ texts: ['third'], affinity: 'me' });
    expect(answer.failures).toEqual([]);
    own?.clearFaults();
    await pool.close();
    await Promise.all(stuck);
  });
});
