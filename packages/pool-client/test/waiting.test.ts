import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbedderPoolOptions, PoolError } from '@forebay/pool-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  chunkSums,
  MODEL,
  poolErrorOf,
  startBackend,
  startPool,
  startProvenPool,
  textsOf,
  until,
  wrongIndices,
} from './rig.ts';

const NOTHING_QUEUED = { interactive: 0, default: 0, bulk: 0 };

/** A list of backends over HTTP that a test changes; it starts empty. */
async function startList(): Promise<{ url: string; show: (backends: readonly object[]) => void }> {
  let backends: readonly object[] = [];
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ backends }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}/v1/backends`,
    show: (list) => {
      backends = list;
    },
  };
}

describe('while there is no backend', () => {
  it('a call is held until one is added', async () => {
    const { pool, events } = startPool({ models: [MODEL] });
    const texts = textsOf(30);
    const answer = pool.encode(texts);
    await until(() => pool.stats().heldJobs === 1);
    expect(pool.stats()).toMatchObject({ openJobs: 1, queuedChunks: { default: 30 }, backends: [] });
    expect(pool.stats().queuedWorkSeconds).toBeGreaterThan(0);
    await pool.admin.add((await startBackend()).djlUrl);
    expect(wrongIndices(texts, await answer)).toEqual([]);
    expect(pool.stats()).toMatchObject({ heldJobs: 0, openJobs: 0, queuedChunks: NOTHING_QUEUED });
    expect(chunkSums(events)).toEqual({ accepted: 30, ok: 30, error: 0, cancelled: 0 });
  });

  it('a call for any model is held while a list over HTTP is empty, and until it has one', async () => {
    const list = await startList();
    const { pool } = startPool({ backendsUrl: list.url });
    const answers = [pool.encode(['a']), pool.encode(['b'], { model: `org/${MODEL}` })];
    await until(() => pool.stats().triedAllOnce);
    expect(pool.stats()).toMatchObject({ heldJobs: 2, models: [] });
    expect(pool.stats().pendingSources).toHaveLength(1);
    list.show([{ id: 'one', url: (await startBackend()).djlUrl, class: 'cpu', state: 'ready' }]);
    const [[a], [b]] = (await Promise.all(answers)) as [number[][], number[][]];
    expect(wrongIndices(['a', 'b'], [a, b])).toEqual([]);
    expect(pool.stats()).toMatchObject({ backends: [{ id: 'one', class: 'cpu' }], pendingSources: [] });
  });

  it('a call for another model ends when the list shows its models', async () => {
    const list = await startList();
    const { pool, events } = startPool({ backendsUrl: list.url });
    const error = poolErrorOf(pool.encode(['a', 'b'], { model: 'other' }));
    await until(() => pool.stats().heldJobs === 1);
    list.show([{ url: (await startBackend()).djlUrl }]);
    expect(await error).toMatchObject({
      code: 'POOL_UNKNOWN_MODEL',
      message: `No model is named other: there is ${MODEL} (and 1 more of 2 chunks)`,
    });
    expect(chunkSums(events)).toEqual({ accepted: 2, ok: 0, error: 2, cancelled: 0 });
    expect(pool.stats()).toMatchObject({ heldJobs: 0, openJobs: 0 });
  });

  it('a call is held until a file lists one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'forebay-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const backendsFile = join(folder, 'backends.json');
    await writeFile(backendsFile, '{"backends": []}');
    const { pool } = startPool({ backendsFile });
    const answer = pool.encode(['a']);
    await until(() => pool.stats().triedAllOnce);
    const { djlUrl } = await startBackend();
    await writeFile(backendsFile, JSON.stringify({ backends: [{ url: djlUrl }] }));
    expect(wrongIndices(['a'], await answer)).toEqual([]);
  });

  it('calls beyond the bound are refused, and say when to come again', async () => {
    const { pool, events } = startPool({ models: [MODEL], maxHeldJobs: 2 });
    const held = [pool.encode(['a']), pool.encode(['b'])];
    const error = await poolErrorOf(pool.encode(['c']));
    expect(error).toMatchObject({
      code: 'POOL_HOLD_FULL',
      retryable: true,
      retryAfterMs: expect.any(Number),
    });
    expect(events.filter(({ kind }) => kind === 'shed')).toEqual([{ kind: 'shed', reason: 'hold-full' }]);
    await pool.admin.add((await startBackend()).djlUrl);
    expect(wrongIndices(['a', 'b'], (await Promise.all(held)).flat())).toEqual([]);
    expect(wrongIndices(['c'], await pool.encode(['c']))).toEqual([]);
  });

  it('a call without any source is refused at once', async () => {
    const { pool } = startPool({});
    expect(await poolErrorOf(pool.encode(['a']))).toMatchObject({
      code: 'POOL_UNKNOWN_MODEL',
      message: 'No model is named (none given): there is none yet',
    });
  });

  it('calls are held for a server that is not up yet, and answered when it is', async () => {
    const late = await startBackend();
    await late.kill();
    const { pool } = startPool({ backends: [late.djlUrl], maxAttempts: 1 });
    const texts = textsOf(20);
    const answer = pool.encode(texts);
    await until(() => pool.stats().heldJobs === 1 && pool.stats().backends[0]?.lastProblem !== null);
    await late.revive();
    expect(wrongIndices(texts, await answer)).toEqual([]);
  });

  it('calls are held while a server says that its model is loading', async () => {
    const loading = await startBackend({ faults: [{ kind: 'error', error: 'not-ready' }] });
    const { pool } = startPool({ backends: [loading.djlUrl], maxAttempts: 1 });
    const answer = pool.encode(['a']);
    await until(() => pool.stats().backends[0]?.lastProblem?.startsWith('HTTP 503') === true);
    expect(pool.stats()).toMatchObject({ heldJobs: 1, models: [{ status: 'PENDING' }] });
    loading.clearFaults();
    expect(wrongIndices(['a'], await answer)).toEqual([]);
  });

  it('calls are not held for a server that answers wrongly from its first answer on', async () => {
    const broken = await startBackend({ faults: [{ kind: 'malformed-json', at: 'end' }] });
    const { pool } = startPool({ backends: [broken.djlUrl], maxAttempts: 1 });
    expect(await poolErrorOf(pool.encode(['a']))).toMatchObject({ code: 'POOL_BACKEND_FAILED' });
  });

  it('ready() says how each backend stands', async () => {
    const dead = await startBackend();
    await dead.kill();
    const { pool } = startPool({ backends: [dead.djlUrl] });
    const error = await poolErrorOf(pool.ready({ timeoutMs: 300 }));
    expect(error.code).toBe('POOL_NO_BACKEND');
    expect(error.message).toMatch(
      /^No backend is up after 300 ms: 127\.0\.0\.1:\d+\/\S+ is starting \(.*ECONNREFUSED/,
    );
    const again = pool.ready({ timeoutMs: Number.POSITIVE_INFINITY });
    await dead.revive();
    await again;
  });

  it('ready() ends when its caller gives up', async () => {
    const { pool } = startPool({ models: [MODEL] });
    const caller = new AbortController();
    const error = poolErrorOf(pool.ready({ signal: caller.signal }));
    caller.abort();
    expect(await error).toMatchObject({ code: 'POOL_ABORTED' });
  });
});

describe('time', () => {
  it('is up for a call that no backend took', async () => {
    const { pool, events } = startPool({ models: [MODEL] });
    const error = await poolErrorOf(pool.encode(['a', 'b'], { timeoutMs: 50 }));
    expect(error).toMatchObject({ code: 'POOL_NO_BACKEND', failedIndices: [0, 1], retryable: true });
    expect(error.message).toMatch(/^No backend took a chunk within \d+ ms: none is configured/);
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(pool.stats()).toMatchObject({
      heldJobs: 0,
      openJobs: 0,
      queuedChunks: NOTHING_QUEUED,
      queuedBytes: 0,
    });
    expect(chunkSums(events)).toEqual({ accepted: 2, ok: 0, error: 2, cancelled: 0 });
  });

  it('is up for a call that a backend had and did not answer', async () => {
    const backend = await startBackend();
    const { pool } = await startProvenPool([backend]);
    backend.setFault({ kind: 'hang' });
    expect(await poolErrorOf(pool.encode(textsOf(50), { timeoutMs: 150 }))).toMatchObject({
      code: 'POOL_TIMEOUT',
      retryable: true,
      message: expect.stringMatching(/^Time was up after \d+ ms with 50 of 50 chunks unanswered/),
    });
    expect(pool.stats().queuedChunks).toEqual(NOTHING_QUEUED);
  });

  it('of the whole call is absolute: progress does not move it, and what is right is kept', async () => {
    const { pool } = await startProvenPool([await startBackend({ aMs: 30 })]);
    const texts = textsOf(2_000);
    const error = await poolErrorOf(pool.encode(texts, { timeoutMs: 200 }));
    expect(error.code).toBe('POOL_TIMEOUT');
    expect(error.failedIndices.length).toBeGreaterThan(100);
    expect(error.failedIndices.length).toBeLessThan(2_000);
    expect(wrongIndices(texts, error.vectors)).toEqual(error.failedIndices);
  });

  it('without progress is up for a call that has no time of its own', async () => {
    const backend = await startBackend();
    const { pool } = await startProvenPool([backend], { idleTimeoutMs: 150 });
    backend.setFault({ kind: 'hang', afterRequests: 1 });
    const texts = textsOf(30);
    const error = await poolErrorOf(pool.encode(texts));
    expect(error).toMatchObject({ code: 'POOL_TIMEOUT' });
    expect(wrongIndices(texts, error.vectors)).toEqual(error.failedIndices);
    expect(error.failedIndices.length).toBeLessThan(30);
  });

  it('with progress is not up for a call that takes longer than that', async () => {
    const { pool } = await startProvenPool([await startBackend({ aMs: 40 })], { idleTimeoutMs: 400 });
    const texts = textsOf(400);
    const startedMs = performance.now();
    expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    expect(performance.now() - startedMs).toBeGreaterThan(400);
  });
});

describe('a caller that gives up', () => {
  it('takes its queued chunks along at once', async () => {
    const backend = await startBackend();
    const { pool, events } = await startProvenPool([backend]);
    backend.setFault({ kind: 'hang' });
    const caller = new AbortController();
    const error = poolErrorOf(pool.encode(textsOf(5_000), { signal: caller.signal }));
    await until(() => backend.counters.hung > 0);
    expect(pool.stats().queuedChunks.default).toBeGreaterThan(4_000);
    caller.abort(new Error('tab closed'));
    expect(pool.stats()).toMatchObject({ queuedChunks: NOTHING_QUEUED, queuedBytes: 0, openJobs: 0 });
    expect(await error).toMatchObject({
      code: 'POOL_ABORTED',
      cause: new Error('tab closed'),
      retryable: false,
    });
    expect(chunkSums(events)).toEqual({ accepted: 5_000, ok: 0, error: 0, cancelled: 5_000 });
  });

  it('before it begins is told so', async () => {
    const { pool } = await startProvenPool([await startBackend()]);
    expect(await poolErrorOf(pool.encode(['a'], { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'POOL_ABORTED',
    });
  });

  it('leaves the others of its batch unharmed', async () => {
    const { pool } = await startProvenPool([await startBackend({ aMs: 20 })]);
    const caller = new AbortController();
    const texts = textsOf(5);
    const gone = poolErrorOf(pool.encode(textsOf(3, 'gone'), { signal: caller.signal }));
    const stays = pool.encode(texts);
    await until(() => pool.stats().backends[0]?.inFlightChunks === 8);
    caller.abort();
    expect((await gone).code).toBe('POOL_ABORTED');
    expect(wrongIndices(texts, await stays)).toEqual([]);
  });
});

describe('a full queue', () => {
  it.each<[string, EmbedderPoolOptions]>([
    ['chunks', { maxQueuedChunks: 100 }],
    ['bytes', { maxQueuedBytes: 1_900 }],
  ])('refuses what is over its %s, says when to come again, and harms nobody', async (_bound, options) => {
    const { pool, events } = await startProvenPool([await startBackend({ aMs: 30 })], options);
    // Each text has 15 to 16 bytes.
    const texts = textsOf(100, 'queued');
    const answer = pool.encode(texts);
    const error: PoolError = await poolErrorOf(pool.encode(textsOf(30, 'refused')));
    expect(error).toMatchObject({ code: 'POOL_QUEUE_FULL', retryable: true });
    expect(error.message).toMatch(
      /^The queue is full: 100 chunks \(\d+ bytes\) wait, 30 more \(\d+ bytes\) are over/,
    );
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(events.filter(({ kind }) => kind === 'shed')).toEqual([{ kind: 'shed', reason: 'queue-full' }]);
    expect(wrongIndices(texts, await answer)).toEqual([]);
    expect(wrongIndices(['later'], await pool.encode(['later']))).toEqual([]);
  });

  it('says how long it will take to be empty, within a third', async () => {
    const backends = await Promise.all([
      startBackend({ aMs: 6, bMs: 0.25 }),
      startBackend({ aMs: 2, bMs: 1.6 }),
    ]);
    const { pool } = await startProvenPool(backends);
    for (let i = 0; i < 8; i += 1) await pool.encode(textsOf(400, 'learning'));
    const answer = pool.encode(textsOf(4_000, 'queued'));
    const isShort = () => pool.stats().queuedChunks.default < 3_000;
    await expect.poll(isShort, { interval: 2, timeout: 5_000 }).toBe(true);
    const [predictedSeconds, startMs] = [pool.stats().queuedWorkSeconds, performance.now()];
    await expect.poll(() => pool.stats().queuedChunks.default, { interval: 2, timeout: 5_000 }).toBe(0);
    const seconds = (performance.now() - startMs) / 1_000;
    expect(predictedSeconds / seconds).toBeGreaterThan(0.67);
    expect(predictedSeconds / seconds).toBeLessThan(1.5);
    await answer;
    expect(pool.stats()).toMatchObject({ queuedWorkSeconds: 0, queuedBytes: 0, oldestSeconds: 0 });
  });

  it('counts held calls too', async () => {
    const { pool } = startPool({ models: [MODEL], maxQueuedChunks: 10 });
    void pool.encode(textsOf(10)).catch(() => undefined); // it is closed with the pool
    expect((await poolErrorOf(pool.encode(['a']))).code).toBe('POOL_QUEUE_FULL');
  });
});
