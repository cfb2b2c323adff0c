import { startSimulatedBackend } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import { djlApi, embed, refusalOf } from './apis.ts';
import { backendsFile } from './backends-file.ts';
import { type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';
import { SOON } from './soon.ts';

const texts = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name} ${i}`);

/** Callers of one tenant that each send their next request of ten texts when they have their answer. */
function callers(
  gateway: GatewayUnderTest,
  count: number,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): { readonly answered: () => number; readonly done: Promise<unknown> } {
  let answered = 0;
  const call = async () => {
    while (!signal.aborted) {
      const { status } = await embed(gateway.origin, djlApi, texts(10, 'fair'), { headers });
      expect(status).toBe(200);
      answered += 10;
    }
  };
  return { answered: () => answered, done: Promise.all(Array.from({ length: count }, call)) };
}

/** The share of the second tenant's chunks in two seconds, once both have work waiting. */
async function shareOfSecond(
  gateway: GatewayUnderTest,
  first: { readonly callers: number; readonly headers: Readonly<Record<string, string>> },
  second: { readonly callers: number; readonly headers: Readonly<Record<string, string>> },
): Promise<number> {
  const stop = new AbortController();
  const many = callers(gateway, first.callers, first.headers, stop.signal);
  const few = callers(gateway, second.callers, second.headers, stop.signal);
  await expect.poll(() => Math.min(many.answered(), few.answered()), SOON).toBeGreaterThan(100);
  const before = [many.answered(), few.answered()] as const;
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const chunks = [many.answered() - before[0], few.answered() - before[1]] as const;
  stop.abort();
  await Promise.all([many.done, few.done]);
  return chunks[1] / (chunks[0] + chunks[1]);
}

const tenant = (name: string) => ({ 'x-forebay-tenant': name });

describe('tenants', () => {
  it('get the same, though one sends many times more', async () => {
    await using backend = await startSimulatedBackend({ aMs: 4, bMs: 1 });
    await using gateway = await startGatewayUnderTest({ DJL_URLS: `${backend.djlUrl};maxBatch=20` });
    const share = await shareOfSecond(
      gateway,
      { callers: 100, headers: tenant('elephant') },
      { callers: 8, headers: tenant('mouse') },
    );
    expect(share).toBeGreaterThan(0.45);
    expect(share).toBeLessThan(0.55);
  });

  it('get what the list of backends says, and what it says later', async () => {
    await using backend = await startSimulatedBackend({ aMs: 4, bMs: 1 });
    const list = [{ id: 'b', url: `${backend.djlUrl};maxBatch=20`, state: 'ready' }];
    await using file = await backendsFile([]);
    await file.write(list, [{ id: 'heavy', weight: 3 }]);
    await using gateway = await startGatewayUnderTest({ BACKENDS_FILE: file.path });
    const heavy = { callers: 30, headers: tenant('heavy') };
    const light = { callers: 30, headers: tenant('light') };
    expect(await shareOfSecond(gateway, light, heavy)).toBeCloseTo(0.75, 1);
  });

  it('get the weight of their keys', async () => {
    await using backend = await startSimulatedBackend({ aMs: 4, bMs: 1 });
    await using gateway = await startGatewayUnderTest(
      { DJL_URLS: `${backend.djlUrl};maxBatch=20` },
      {
        keys: [
          { key: 'one', tenant: 'a', weight: 1 },
          { key: 'four', tenant: 'b', weight: 4 },
        ],
      },
    );
    const one = { callers: 30, headers: { 'x-api-key': 'one' } };
    const four = { callers: 30, headers: { 'x-api-key': 'four' } };
    expect(await shareOfSecond(gateway, one, four)).toBeCloseTo(0.8, 1);
  });

  it('leave room in the queue for one another', async () => {
    await using backend = await startSimulatedBackend({ aMs: 4, bMs: 1 });
    await using gateway = await startGatewayUnderTest({
      DJL_URLS: `${backend.djlUrl};maxBatch=8`,
      MAX_QUEUED_CHUNKS: '100',
    });
    expect((await embed(gateway.origin, djlApi, ['a'], { headers: tenant('mouse') })).status).toBe(200);
    backend.setFault({ kind: 'slow', extraMs: 1_000 });
    const elephant = Array.from({ length: 30 }, () =>
      embed(gateway.origin, djlApi, texts(10, 'fair'), { headers: tenant('elephant') }),
    );
    const refused = await Promise.race(
      elephant.map(async (answer) => {
        const got = await answer;
        if (got.status !== 429) await new Promise(() => undefined); // answered rightly, later
        return got;
      }),
    );
    expect(refusalOf(djlApi, refused)).toMatchObject({
      status: 429,
      word: 'WlmCapacityException',
      message: expect.stringMatching(/^tenant elephant has \d+ chunks/i),
    });
    expect(refused.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    const mouse = embed(gateway.origin, djlApi, texts(10, 'mouse'), { headers: tenant('mouse') });
    backend.clearFaults();
    expect((await mouse).status).toBe(200);
    await Promise.all(elephant);
  });
});

describe('a call in haste', () => {
  it('overtakes a bulk job that keeps the backend busy', async () => {
    await using backend = await startSimulatedBackend({ aMs: 5, bMs: 1 });
    await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
    const bulk = embed(gateway.origin, djlApi, texts(3_000, 'bulk'), {
      headers: { 'x-forebay-priority': 'bulk' },
    });
    await expect.poll(() => gateway.pool.stats().queuedChunks.bulk, SOON).toBeGreaterThan(1_000);
    await expect.poll(() => gateway.pool.stats().queuedChunks.bulk, SOON).toBeLessThan(2_500);
    const headers = { 'x-forebay-priority': 'interactive' };
    const quick = await embed(gateway.origin, djlApi, ['query'], { headers });
    // What runs, what is ready and its own batch take up to 100 ms each; the bulk job has two seconds left.
    expect(quick.status).toBe(200);
    expect(Number(quick.headers['x-forebay-queue-ms'])).toBeLessThan(500);
    expect(gateway.pool.stats().queuedChunks.bulk).toBeGreaterThan(500);
    expect((await bulk).status).toBe(200);
  });

  it('is refused at once with 503 and Retry-After where it can not be answered in time, and served when it can', async () => {
    await using backend = await startSimulatedBackend({ aMs: 5, bMs: 2 });
    await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
    const others = embed(gateway.origin, djlApi, texts(1_500, 'others'));
    await expect.poll(() => gateway.pool.stats().queuedChunks.default, SOON).toBeGreaterThan(500);
    await expect.poll(() => gateway.pool.stats().queuedChunks.default, SOON).toBeLessThan(1_300);
    const startMs = performance.now();
    const hurried = await embed(gateway.origin, djlApi, ['late'], {
      headers: { 'x-request-timeout-ms': '300' },
    });
    expect(performance.now() - startMs).toBeLessThan(250);
    expect(refusalOf(djlApi, hurried)).toMatchObject({ status: 503, word: 'WlmException' });
    expect(Number(hurried.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    const metrics = await (await fetch(`${gateway.origin}/metrics`)).text();
    expect(metrics).toMatch(/^forebay_shed_total\{reason="deadline"\} 1$/m);
    const patient = await embed(gateway.origin, djlApi, ['in time'], {
      headers: { 'x-request-timeout-ms': '20000' },
    });
    expect(patient.status).toBe(200);
    expect((await others).status).toBe(200);
  });

  it('hears how long the queue is when its time runs out in it', async () => {
    await using backend = await startSimulatedBackend({ aMs: 5, bMs: 2 });
    await using gateway = await startGatewayUnderTest({
      DJL_URLS: backend.djlUrl,
      REQUEST_TIMEOUT_MS: '400',
    });
    const others = embed(gateway.origin, djlApi, texts(1_500, 'others'));
    await expect.poll(() => gateway.pool.stats().queuedChunks.default, SOON).toBeGreaterThan(1_000);
    const late = await embed(gateway.origin, djlApi, ['behind them']);
    expect(refusalOf(djlApi, late)).toMatchObject({
      status: 503,
      word: 'WlmException',
      message: expect.stringMatching(
        /after 4\d\d ms in the queue, which holds \d+ chunks, about \d\.\d s of work/,
      ),
    });
    expect(Number(late.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect((await others).status).toBe(200);
  });
});
