import { expectedVector, startSimulatedBackend } from '@forebay/testing';
import { expect, it } from 'vitest';
import { type Api, apis, djlApi, embed } from './apis.ts';
import { startGatewayUnderTest } from './gateway-under-test.ts';
import { readMetrics } from './read-metrics.ts';
import { SOON } from './soon.ts';

it.concurrent('fails no request when one of two backends dies under load', async ({ expect }) => {
  await using dying = await startSimulatedBackend({ aMs: 5, bMs: 1 });
  await using other = await startSimulatedBackend({ aMs: 5, bMs: 1 });
  await using gateway = await startGatewayUnderTest({ DJL_URLS: `${dying.djlUrl},${other.djlUrl}` });
  let answered = 0;
  const callers = Array.from({ length: 12 }, async (_, caller) => {
    const seen: unknown[] = [];
    for (let round = 0; round < 8; round += 1) {
      const texts = Array.from({ length: 20 }, (_, i) => `caller ${caller}, round ${round}, text ${i}`);
      const api = apis[(caller + round) % apis.length] as Api; // the remainder is below the length
      const answer = await embed(gateway.origin, api, texts);
      answered += 1;
      const isRight =
        answer.status === 200 &&
        JSON.stringify(api.vectors(answer.text)) ===
          JSON.stringify(texts.map((text) => expectedVector(text)));
      seen.push(isRight || answer.text.slice(0, 300));
    }
    return seen;
  });
  await expect.poll(() => answered, SOON).toBeGreaterThan(20);
  await dying.kill();
  expect((await Promise.all(callers)).flat()).toEqual(new Array(96).fill(true));
  expect(answered).toBe(96);
});

it('tells its metrics and its state while requests fail with chunks of theirs still queued', async ({
  expect,
}) => {
  await using backend = await startSimulatedBackend({ aMs: 5, bMs: 1 });
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl, REQUEST_TIMEOUT_MS: '3000' });
  const texts = Array.from({ length: 200 }, (_, i) => `text ${i}`);
  const requests = Array.from({ length: 20 }, () => embed(gateway.origin, djlApi, texts));
  await expect.poll(() => gateway.pool.stats().queuedChunks.default, SOON).toBeGreaterThan(2_000);
  await backend.kill();
  let open = true;
  const all = Promise.all(requests).finally(() => {
    open = false;
  });
  const seen = new Set<number>();
  while (open) {
    for (const path of ['/metrics', '/api/status', '/readyz', '/admin/backends']) {
      seen.add((await fetch(`${gateway.origin}${path}`)).status);
    }
  }
  expect([...seen]).toEqual([200]);
  expect((await all).some(({ status }) => status === 502)).toBe(true);
  expect(gateway.pool.stats()).toMatchObject({ queuedWorkSeconds: 0, queuedBytes: 0, oldestSeconds: 0 });
}, 20_000);

it.each(['wrong-count', 'malformed-json', 'truncated', 'zero-vector', 'reset'] as const)(
  'answers rightly when one of two backends sends %s at times',
  async (kind) => {
    await using bad = await startSimulatedBackend();
    await using good = await startSimulatedBackend();
    await using gateway = await startGatewayUnderTest({
      DJL_URLS: `${bad.djlUrl},${good.djlUrl}`,
      VERIFY: 'full',
    });
    const fault = {
      'wrong-count': { kind, by: -1 },
      'malformed-json': { kind, at: 'middle' },
      truncated: { kind },
      'zero-vector': { kind },
      reset: { kind },
    }[kind];
    bad.setFault({ ...fault, probability: 0.4 } as Parameters<typeof bad.setFault>[0]); // one of those above
    for (let round = 0; round < 6; round += 1) {
      const texts = Array.from({ length: 40 }, (_, i) => `round ${round}, text ${i}`);
      const answer = await embed(gateway.origin, djlApi, texts);
      expect(answer.status).toBe(200);
      expect(djlApi.vectors(answer.text)).toEqual(texts.map((text) => expectedVector(text)));
    }
  },
);

it.concurrent('takes the chunks of a caller that leaves out of the queue, and counts a 499', async ({
  expect,
}) => {
  await using backend = await startSimulatedBackend({ countTexts: true });
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
  backend.setFault({ kind: 'slow', extraMs: 300 });
  const gone = new AbortController();
  const texts = Array.from({ length: 500 }, (_, i) => `abandoned ${i}`);
  const request = embed(gateway.origin, djlApi, texts, { signal: gone.signal });
  await expect.poll(() => gateway.pool.stats().queuedChunks.default, SOON).toBeGreaterThan(400);
  gone.abort();
  await expect(request).rejects.toThrow('abort');
  await expect.poll(() => gateway.pool.stats().queuedChunks.default, SOON).toBe(0);
  expect(gateway.pool.stats().openJobs).toBe(0);
  const metrics = await readMetrics(gateway.origin);
  expect(metrics.value('forebay_requests_total', { api: 'djl', code: '499' })).toBe(1);
  expect(metrics.value('forebay_chunks_total', { outcome: 'cancelled' })).toBe(500);
  expect((await embed(gateway.origin, djlApi, 'next')).status).toBe(200);
  expect(backend.counters.timesComputed.has('abandoned 499')).toBe(false);
});

it.concurrent('forgets a caller that leaves while it still sends its body', async ({ expect }) => {
  await using backend = await startSimulatedBackend();
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
  const { connect } = await import('node:net');
  const socket = connect(Number(new URL(gateway.origin).port), '127.0.0.1');
  socket.write(
    `POST ${djlApi.path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"inp`,
  );
  await new Promise((resolve) => setTimeout(resolve, 30));
  socket.destroy();
  await expect
    .poll(
      async () => (await readMetrics(gateway.origin)).value('forebay_requests_total', { code: '499' }),
      SOON,
    )
    .toBe(1);
  expect((await embed(gateway.origin, djlApi, 'next')).status).toBe(200);
});
