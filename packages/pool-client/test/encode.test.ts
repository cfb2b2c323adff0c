import type { EncodeProgress } from '@forebay/pool-client';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  chunkSums,
  poolErrorOf,
  startBackend,
  startProvenPool,
  textsOf,
  timesComputed,
  wrongIndices,
} from './rig.ts';

describe('encode', () => {
  it('gives 10,000 texts their own vectors in order, each computed once, over two backends', async () => {
    const backends = [await startBackend({ bMs: 0.02 }), await startBackend({ bMs: 0.02 })];
    const { pool, events } = await startProvenPool(backends);
    const texts = textsOf(10_000);
    expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    const times = timesComputed(backends);
    expect(texts.filter((text) => times.get(text) !== 1)).toEqual([]);
    for (const { counters } of backends) expect(counters.textsComputed).toBeGreaterThan(1_000);
    expect(chunkSums(events)).toEqual({ accepted: 10_000, ok: 10_000, error: 0, cancelled: 0 });
  });

  it('lets callers share batches while backends are busy', async () => {
    const backend = await startBackend({ aMs: 10 });
    const { pool } = await startProvenPool([backend]);
    await pool.encode(textsOf(64, 'warm'));
    backend.resetCounters();
    const texts = textsOf(64);
    const vectors = await Promise.all(texts.map((text) => pool.encode([text])));
    expect(wrongIndices(texts, vectors.flat())).toEqual([]);
    expect(backend.counters.requests).toBeLessThan(16);
  });

  it('takes no text, empty texts and all of Unicode', async () => {
    const { pool } = await startProvenPool([await startBackend()]);
    const texts = ['', '   ', '"\\\n\u0000', 'Straße 😀 家', '\u2028', 'a'.repeat(200_000)];
    expect(await pool.encode([])).toEqual([]);
    expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
  });

  it('gives single precision where it is asked for', async () => {
    const { pool } = await startProvenPool([await startBackend()]);
    const texts = textsOf(3);
    const vectors = await pool.encode(texts, { output: 'float32' });
    expectTypeOf(vectors).toEqualTypeOf<Float32Array[]>();
    expect(wrongIndices(texts, vectors)).toEqual([]);
    const numbers = await pool.encode(texts);
    expectTypeOf(numbers).toEqualTypeOf<number[][]>();
    expect(wrongIndices(texts, numbers)).toEqual([]);
  });

  it('tells its progress, which grows to the whole', async () => {
    const { pool } = await startProvenPool([await startBackend()]);
    const seen: EncodeProgress[] = [];
    await pool.encode(textsOf(100), { onProgress: (progress) => seen.push(progress) });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.map(({ answered }) => answered)).toEqual(
      seen.map(({ answered }) => answered).toSorted((a, b) => a - b),
    );
    expect(seen.at(-1)).toEqual({ answered: 100, total: 100 });
  });

  it('ends a call whose own onProgress throws with that, and no other call', async () => {
    const { pool, events } = await startProvenPool([await startBackend({ aMs: 5 })]);
    const texts = textsOf(50);
    const other = pool.encode(texts);
    const error = await poolErrorOf(
      pool.encode(textsOf(50, 'mine'), {
        onProgress: () => {
          throw new RangeError('no bar to draw');
        },
      }),
    );
    expect(error).toMatchObject({ code: 'POOL_ABORTED', cause: new RangeError('no bar to draw') });
    expect(wrongIndices(texts, await other)).toEqual([]);
    const { accepted, ok, cancelled } = chunkSums(events);
    expect({ accepted, settled: (ok ?? 0) + (cancelled ?? 0) }).toEqual({ accepted: 100, settled: 100 });
  });

  it.each<[string, unknown[], object, string]>([
    ['a number among the texts', ['a', 1], {}, 'POOL_INVALID_INPUT'],
    ['no time at all', ['a'], { timeoutMs: 0 }, 'POOL_INVALID_OPTIONS'],
    ['a priority that there is not', ['a'], { priority: 'urgent' }, 'POOL_INVALID_OPTIONS'],
    ['a model that there is not', ['a'], { model: 'gpt' }, 'POOL_UNKNOWN_MODEL'],
  ])('refuses %s', async (_fact, texts, options, code) => {
    const { pool, events } = await startProvenPool([await startBackend()]);
    expect(await poolErrorOf(pool.encode(texts as string[], options))).toMatchObject({
      code,
      retryable: false,
    });
    expect(chunkSums(events)).toEqual({ accepted: 0, ok: 0, error: 0, cancelled: 0 });
  });

  it('overtakes bulk work with a single query', async () => {
    const { pool } = await startProvenPool([await startBackend({ aMs: 5 })]);
    let bulkDone = 0;
    const bulk = pool.encode(textsOf(1_000, 'bulk'), {
      priority: 'bulk',
      onProgress: ({ answered }) => {
        bulkDone = answered;
      },
    });
    await pool.encode(['query'], { priority: 'interactive' });
    expect(bulkDone).toBeLessThan(500);
    await bulk;
  });
});

describe('encodeStream', () => {
  it('embeds a stream in order', async () => {
    const { pool } = await startProvenPool([await startBackend(), await startBackend()]);
    const texts = textsOf(2_000);
    const vectors: number[][] = [];
    async function* source(): AsyncGenerator<string> {
      yield* texts;
    }
    for await (const { index, vector } of pool.encodeStream(source(), { windowChunks: 300 })) {
      expect(index).toBe(vectors.length);
      vectors.push(vector);
    }
    expect(wrongIndices(texts, vectors)).toEqual([]);
  });

  it('goes on behind a bad text where errors are items', async () => {
    const backend = await startBackend();
    const { pool } = await startProvenPool([backend]);
    backend.setFault({ kind: 'poison', marker: 'POISON' });
    const texts = [...textsOf(20), 'POISON', ...textsOf(20, 'more')];
    const failed: number[] = [];
    const vectors: (number[] | undefined)[] = [];
    for await (const item of pool.encodeStream(texts, { onError: 'yield' })) {
      if ('error' in item) {
        expect(item.error).toMatchObject({ code: 'POOL_INPUT_REFUSED', failedIndices: [item.index] });
        failed.push(item.index);
        vectors.push(undefined);
      } else vectors.push(item.vector);
    }
    expect(failed).toEqual([20]);
    expect(wrongIndices(texts, vectors)).toEqual([20]);
  });

  it('is patient with parts that wait for others of its own, as long as there is progress', async () => {
    const { pool } = await startProvenPool([await startBackend({ aMs: 40 })], { idleTimeoutMs: 400 });
    const texts = textsOf(600);
    const startedMs = performance.now();
    const vectors: number[][] = [];
    for await (const { vector } of pool.encodeStream(texts)) vectors.push(vector);
    expect(wrongIndices(texts, vectors)).toEqual([]);
    expect(performance.now() - startedMs).toBeGreaterThan(400);
  });

  it('leaves nothing waiting when its loop ends early', async () => {
    const { pool, events } = await startProvenPool([await startBackend({ aMs: 5 })]);
    for await (const { index } of pool.encodeStream(textsOf(5_000))) if (index === 10) break;
    expect(pool.stats()).toMatchObject({
      openJobs: 0,
      queuedChunks: { interactive: 0, default: 0, bulk: 0 },
    });
    const { accepted, ok, cancelled, error } = chunkSums(events);
    expect((ok ?? 0) + (cancelled ?? 0)).toBe(accepted);
    expect(error).toBe(0);
  });
});
