import type { EmbedderPool } from '@forebay/pool-client';
import type { SimulatedBackend } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import { poolErrorOf, startBackend, startProvenPool, textsOf, until, wrongIndices } from './rig.ts';

const statusOf = (pool: EmbedderPool, { djlUrl }: SimulatedBackend) =>
  pool.stats().backends.find(({ url }) => url === djlUrl);

const stateOf = (pool: EmbedderPool, backend: SimulatedBackend) => statusOf(pool, backend)?.state;

describe('identity guard', () => {
  it.each([
    ['another model', { weights: 'another' }, /cosine -?0\.\d+ over .*as of another model/],
    ['another truncation', { maxTokens: 128 }, /other truncation: equal on short texts, cosine -?0\.\d+/],
    ['other dimensions', { dimensions: 768 }, /768 dimensions against 384/],
  ])('refuses a backend of %s and says what differs', async (_what, options, message) => {
    const [one, two, odd] = [await startBackend(), await startBackend(), await startBackend(options)];
    const { pool } = await startProvenPool([one, two]);
    await pool.admin.add(odd.djlUrl);
    await until(() => stateOf(pool, odd) === 'refused');
    expect(statusOf(pool, odd)).toMatchObject({ reason: expect.stringMatching(message) });
    odd.resetCounters();
    const texts = textsOf(300);
    expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    expect(odd.counters.requests).toBe(0);
  });

  it('turns the odd one out though it came first', async () => {
    const [odd, one, two] = [
      await startBackend({ weights: 'x' }),
      await startBackend(),
      await startBackend(),
    ];
    const { pool } = await startProvenPool([odd]);
    await pool.admin.add(one.djlUrl);
    await until(() => stateOf(pool, one) === 'refused');
    await pool.admin.add(two.djlUrl);
    await until(() => stateOf(pool, two) === 'serving');
    expect([stateOf(pool, odd), stateOf(pool, one)]).toEqual(['refused', 'serving']);
    const texts = textsOf(100);
    expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
  });

  it('follows the operator who names another reference: a planned change of model', async () => {
    const [one, two] = [await startBackend(), await startBackend()];
    const next = await startBackend({ weights: 'next' });
    const { pool } = await startProvenPool([one, two]);
    const { id } = await pool.admin.add(next.djlUrl);
    await until(() => stateOf(pool, next) === 'refused');
    expect(await pool.admin.nameReference(id)).toMatchObject({ id, state: 'serving' });
    expect([one, two].map((old) => stateOf(pool, old))).toEqual(['refused', 'refused']);
    const texts = textsOf(100);
    expect(wrongIndices(texts, await pool.encode(texts), 'next')).toEqual([]);
  });

  it('can not name one that embeds nothing', async () => {
    const [one, sick] = [await startBackend(), await startBackend()];
    const { pool } = await startProvenPool([one]);
    sick.setFault({ kind: 'error', error: 'internal-error' });
    const { id } = await pool.admin.add(sick.djlUrl);
    const error = await poolErrorOf(pool.admin.nameReference(id));
    expect(error.message).toContain(
      `${id} can't be the reference, it does not embed the canary texts: HTTP 500`,
    );
  });

  it('finds a model that was exchanged behind one URL when the server comes back', async () => {
    const [one, two] = [await startBackend(), await startBackend()];
    const { pool } = await startProvenPool([one, two]);
    const { port } = two;
    await two.kill();
    // Its absence is seen; one that nobody saw is found by a probe, every 15 s.
    while (statusOf(pool, two)?.lastProblem === null) await pool.encode(textsOf(20));
    const other = await startBackend({ port, weights: 'exchanged' });
    for (let i = 0; i < 400 && stateOf(pool, other) !== 'refused'; i += 1) {
      const texts = textsOf(20, `call ${i}`);
      expect(wrongIndices(texts, await pool.encode(texts))).toEqual([]);
    }
    await until(() => stateOf(pool, other) === 'refused');
  });

  it('holds calls while all that is left was refused, and says so', async () => {
    const [one, two] = [await startBackend(), await startBackend()];
    const { pool } = await startProvenPool([one, two]);
    const { id } = await pool.admin.add((await startBackend({ weights: 'other' })).djlUrl);
    await until(() => pool.stats().backends.some(({ state }) => state === 'refused'));
    for (const other of pool.stats().backends) if (other.id !== id) pool.admin.drain(other.id);
    const error = await poolErrorOf(pool.encode(['a'], { timeoutMs: 300 }));
    expect(error.code).toBe('POOL_NO_BACKEND');
    expect(error.message).toContain(`${id} is refused (embeds unlike`);
  });
});
