import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import {
  type BackendEntry,
  type BackendSource,
  type EmbedderPool,
  parseAllowedBackends,
  type SourceSnapshot,
} from '@forebay/pool-client';
import { describe, expect, it } from 'vitest';
import {
  MODEL,
  poolErrorOf,
  startBackend,
  startPool,
  startProvenPool,
  textsOf,
  timesComputed,
  until,
  wrongIndices,
} from './rig.ts';

/** A source whose list the test sets. */
class TestSource implements BackendSource {
  readonly name: string = 'test list';
  #entries: readonly BackendEntry[] = [];
  #report: (snapshot: SourceSnapshot) => void = () => undefined;

  list(...given: readonly (Partial<BackendEntry> & { url: string; id: string })[]): void {
    this.#entries = given.map((entry) => ({
      model: MODEL,
      class: 'default',
      protocol: 'djl',
      maxBatch: 256,
      concurrency: 8,
      state: 'ready',
      ...entry,
    }));
    this.#report({ kind: 'listed', entries: this.#entries, complete: true });
  }

  async run(report: (snapshot: SourceSnapshot) => void): Promise<void> {
    this.#report = report;
    report({ kind: 'listed', entries: this.#entries, complete: true });
  }
}

const statesOf = (pool: EmbedderPool) => pool.stats().backends.map(({ id, state }) => `${id} ${state}`);

describe('admin', () => {
  it('adds a backend by its model, a server by what it lists, and one by its settings', async () => {
    const { pool } = startPool({});
    const [one, two, three] = [await startBackend(), await startBackend(), await startBackend()];
    expect(await pool.admin.add(one.djlUrl)).toMatchObject({
      id: `127.0.0.1:${one.port}/${MODEL}`,
      model: MODEL,
      class: 'default',
    });
    expect(await pool.admin.add(two.url)).toMatchObject({ id: `127.0.0.1:${two.port}/${MODEL}` });
    expect(await pool.admin.add({ url: three.djlUrl, id: 'three', class: 'gpu', maxBatch: 2 })).toMatchObject(
      {
        id: 'three',
        class: 'gpu',
        batchLimit: 2,
      },
    );
    await until(() => pool.stats().backends.every(({ state }) => state === 'serving'));
    const texts = textsOf(100);
    expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    expect(timesComputed([one, two, three]).size).toBe(100 + 8); // with the canary texts
  });

  it('refuses what cannot be added', async () => {
    const backend = await startBackend({ models: ['m', 'n'] });
    const { pool } = startPool({ addressPolicy: parseAllowedBackends('127.0.0.0/8') });
    await pool.admin.add({ url: `${backend.url}/predictions/m`, id: 'there' });
    const codes = [
      [{ url: `${backend.url}/predictions/n`, id: 'there' }, 'POOL_BACKEND_EXISTS'],
      [backend.url, 'POOL_INVALID_OPTIONS'],
      ['dns+http://localhost:1/predictions/m', 'POOL_INVALID_OPTIONS'],
      ['no url', 'POOL_INVALID_OPTIONS'],
      [{ url: backend.url, class: 'tpu' }, 'POOL_INVALID_OPTIONS'],
      ['http://127.0.0.1:1', 'POOL_INVALID_OPTIONS'],
      ['http://10.1.2.3:8080/predictions/m', 'POOL_BACKEND_FORBIDDEN'],
      ['http://10.1.2.3:8080', 'POOL_BACKEND_FORBIDDEN'],
    ] as const;
    for (const [spec, code] of codes) {
      // What is wrong with them is what is tested.
      expect((await poolErrorOf(pool.admin.add(spec as string))).code).toBe(code);
    }
    expect(pool.stats().backends.map(({ id }) => id)).toEqual(['there']);
  });

  it('knows no backend that is not there', async () => {
    const { pool } = startPool({});
    for (const act of ['drain', 'resume', 'remove'] as const) {
      expect(() => pool.admin[act]('nobody')).toThrow(
        expect.objectContaining({ code: 'POOL_UNKNOWN_BACKEND', message: 'There is no backend nobody' }),
      );
    }
  });

  it('drains a backend, which gets no more work, and resumes it', async () => {
    const backends = [await startBackend(), await startBackend()];
    const { pool } = await startProvenPool(backends);
    const [first, second] = pool.stats().backends.map(({ id }) => id) as [string, string];
    expect(pool.admin.drain(first)).toMatchObject({ state: 'draining', reason: 'drained by an operator' });
    const texts = textsOf(100);
    expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    expect(backends.map(({ counters }) => counters.textsComputed)).toEqual([0, 100]);
    pool.admin.drain(second);
    const held = pool.encode(['a']);
    await until(() => pool.stats().heldJobs === 1);
    expect(pool.stats().models).toMatchObject([{ status: 'PENDING' }]);
    expect(pool.admin.resume(first)).toMatchObject({ state: 'serving', reason: 'resumed by an operator' });
    expect(wrongIndices(['a'], await held)).toEqual([]);
    expect(backends.map(({ counters }) => counters.textsComputed)).toEqual([1, 100]);
  });

  it('removes a backend that it added: it finishes what it has, and is new when it comes again', async () => {
    const backend = await startBackend({ aMs: 50 });
    const { pool } = startPool({ models: [MODEL] });
    const { id } = await pool.admin.add(backend.djlUrl);
    await pool.ready();
    const answer = pool.encode(['a']);
    await until(() => pool.stats().backends[0]?.inFlightChunks === 1);
    pool.admin.drain(id);
    pool.admin.remove(id);
    expect(statesOf(pool)).toEqual([`${id} draining`]);
    expect(wrongIndices(['a'], await answer)).toEqual([]);
    await until(() => pool.stats().backends.length === 0);
    await until(() => backend.counters.openSockets === 0);
    await pool.admin.add(backend.djlUrl);
    expect(wrongIndices(['b'], await pool.encode(['b']))).toEqual([]);
  });

  it('removes none that a source lists', async () => {
    const { pool } = await startProvenPool([await startBackend()]);
    const [{ id }] = pool.stats().backends as unknown as [{ id: string }];
    expect(() => pool.admin.remove(id)).toThrow(expect.objectContaining({ code: 'POOL_BACKEND_LISTED' }));
    expect(statesOf(pool)).toEqual([`${id} serving`]);
  });
});

describe('a source', () => {
  it('brings backends and takes them away under load, and no call fails', async () => {
    const backends = await Promise.all([0, 1, 2].map(() => startBackend({ aMs: 2 })));
    const source = new TestSource();
    const entries = backends.map(({ djlUrl }, i) => ({ id: `backend ${i}`, url: djlUrl }));
    const { pool } = startPool({ sources: [source], models: [MODEL] });
    pool.start();
    const lists = [[0], [0, 1], [1], [1, 2], [2, 0], [0, 1, 2], [2]];
    for (const [round, list] of lists.entries()) {
      source.list(...list.map((i) => entries[i] as (typeof entries)[number]));
      const texts = textsOf(150, `round ${round}`);
      expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    }
    await until(() => pool.stats().backends.length === 1);
    // What was on its way when a backend left was answered by it: nothing was computed twice.
    expect(
      [...timesComputed(backends)].filter(([name, times]) => times > 1 && name.startsWith('round')),
    ).toEqual([]);
  });

  it('says how its backends stand: starting ones get nothing, draining ones nothing new', async () => {
    const [ready, starting, draining] = await Promise.all([0, 1, 2].map(() => startBackend()));
    const source = new TestSource();
    const { pool } = startPool({ sources: [source], models: [MODEL] });
    pool.start();
    const urls = [ready, starting, draining].map((backend) => backend?.djlUrl ?? '') as [
      string,
      string,
      string,
    ];
    source.list(
      { id: 'a', url: urls[0] },
      { id: 'b', url: urls[1], state: 'starting' },
      { id: 'c', url: urls[2], state: 'draining' },
    );
    await pool.ready();
    expect(statesOf(pool)).toEqual(['a serving', 'b starting', 'c draining']);
    await pool.encode(textsOf(50));
    expect(starting?.counters.requests).toBe(0);
    expect(draining?.counters.requests).toBe(0);
    source.list({ id: 'b', url: urls[1] });
    const texts = textsOf(50, 'more');
    expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    expect(timesComputed([starting as NonNullable<typeof starting>]).size).toBeGreaterThanOrEqual(50);
  });

  it('that lists another server under the same id replaces the first, which finishes', async () => {
    const [before, after] = [await startBackend({ aMs: 40 }), await startBackend()];
    const source = new TestSource();
    const { pool } = startPool({ sources: [source], models: [MODEL] });
    pool.start();
    source.list({ id: 'one', url: before.djlUrl });
    await pool.ready();
    const answer = pool.encode(['a']);
    await until(() => pool.stats().backends[0]?.inFlightChunks === 1);
    source.list({ id: 'one', url: after.djlUrl });
    expect(wrongIndices(['a'], await answer)).toEqual([]);
    expect(before.counters.timesComputed.get('a')).toBe(1);
    await until(() => pool.stats().backends.length === 1);
    await pool.encode(['b']);
    expect(after.counters.timesComputed.get('b')).toBe(1);
  });

  it('that a model loses all its backends keeps the model known, and its calls held', async () => {
    const backend = await startBackend();
    const source = new TestSource();
    const { pool } = startPool({ sources: [source] });
    pool.start();
    source.list({ id: 'one', url: backend.djlUrl });
    await pool.ready();
    source.list();
    await until(() => pool.stats().backends.length === 0);
    expect(pool.stats().models).toMatchObject([{ name: MODEL, status: 'PENDING' }]);
    const held = pool.encode(['a']);
    await until(() => pool.stats().heldJobs === 1);
    source.list({ id: 'one', url: backend.djlUrl });
    expect(wrongIndices(['a'], await held)).toEqual([]);
  });
});

describe('a program', () => {
  it('ends by itself once its pool is closed', async () => {
    const backend = await startBackend();
    const program = fileURLToPath(new URL('ends-by-itself.ts', import.meta.url));
    const child = spawn(process.execPath, [program, backend.djlUrl, '/nowhere'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect({ output, code }).toEqual({ output: '2 POOL_CLOSED\n', code: 0 });
  });
});
