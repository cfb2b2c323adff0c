import { DJLEmbedderPool, EmbedderPool, type StreamItem } from '@forebay/pool-client';
import { ForebayEmbeddings } from '@forebay/pool-client/langchain';
import { Embeddings } from '@langchain/core/embeddings';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import { startBackend, startPool, textsOf, wrongIndices } from './rig.ts';

describe('DJLEmbedderPool', () => {
  it('is the pool behind two arguments', async () => {
    const backends = [await startBackend(), await startBackend()];
    const pool = new DJLEmbedderPool(
      backends.map(({ djlUrl }) => djlUrl),
      4,
    );
    onTestFinished(() => pool.close());
    const texts = textsOf(100);
    expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    for (const { counters } of backends) expect(Math.max(...counters.batchSizes)).toBeLessThanOrEqual(4);
  });

  it.each<[string, string[], number]>([
    ['no URL', [], 32],
    ['a batch of none', ['http://127.0.0.1:1/predictions/m'], 0],
    ['something that is no URL', ['djl-1'], 32],
  ])('refuses %s', (_fact, urls, batchSize) => {
    expect(() => new DJLEmbedderPool(urls, batchSize)).toThrow(
      expect.objectContaining({ code: 'POOL_INVALID_OPTIONS' }),
    );
  });
});

describe('ForebayEmbeddings', () => {
  it('is a LangChain embedder over a pool of its own', async () => {
    const { djlUrl } = await startBackend();
    const embeddings = new ForebayEmbeddings({ pool: { backends: [djlUrl] } });
    onTestFinished(() => embeddings.close());
    expect(embeddings).toBeInstanceOf(Embeddings);
    const documents = textsOf(40);
    expect(wrongIndices(documents, await embeddings.embedDocuments(documents))).toEqual([]);
    expect(wrongIndices(['query'], [await embeddings.embedQuery('query')])).toEqual([]);
    expect(await embeddings.embedDocuments([])).toEqual([]);
    await embeddings.close();
    await expect(embeddings.embedQuery('late')).rejects.toMatchObject({ code: 'POOL_CLOSED' });
  });

  it('leaves a pool that it was given open, and says its model', async () => {
    const { pool } = startPool({ backends: [(await startBackend({ models: ['one', 'two'] })).url] });
    await pool.ready();
    const embeddings = new ForebayEmbeddings({ pool, model: 'two' });
    expect(wrongIndices(['a'], [await embeddings.embedQuery('a')], 'two')).toEqual([]);
    await embeddings.close();
    expect(wrongIndices(['b'], await pool.encode(['b'], { model: 'one' }), 'one')).toEqual([]);
  });
});

describe('types', () => {
  it('follow the options of each call', () => {
    const check = (pool: EmbedderPool) => {
      expectTypeOf(pool.encodeStream([])).toEqualTypeOf<
        AsyncGenerator<{ readonly index: number; readonly vector: number[] }, void, undefined>
      >();
      expectTypeOf(pool.encodeStream([], { output: 'float32', onError: 'yield' })).toEqualTypeOf<
        AsyncGenerator<StreamItem<Float32Array>, void, undefined>
      >();
      expectTypeOf(pool.encode([], { output: 'float32' })).toEqualTypeOf<Promise<Float32Array[]>>();
      // @ts-expect-error a priority that there is not
      void pool.encode([], { priority: 'urgent' });
      // @ts-expect-error a strategy that there is not
      return new EmbedderPool({ strategy: 'fastest' });
    };
    expect(check).toBeInstanceOf(Function);
  });
});

describe('fromEnv', () => {
  it('is the pool of the environment', async () => {
    const { djlUrl } = await startBackend();
    await using pool = EmbedderPool.fromEnv({ DJL_URLS: djlUrl });
    expect(wrongIndices(['a'], await pool.encode(['a']))).toEqual([]);
  });
});
