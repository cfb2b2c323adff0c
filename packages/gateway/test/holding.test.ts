import { expectedVector, startSimulatedBackend } from '@forebay/testing';
import { it } from 'vitest';
import { type Api, apis, djlApi, embed, MODEL, openaiApi, refusalOf } from './apis.ts';
import { backendsFile } from './backends-file.ts';
import { exchange } from './exchange.ts';
import { startGatewayUnderTest } from './gateway-under-test.ts';
import { readMetrics } from './read-metrics.ts';
import { SOON } from './soon.ts';

it.concurrent('holds requests while the list is empty, stays ready, says so, and answers all when a backend comes', async ({
  expect,
}) => {
  await using backend = await startSimulatedBackend();
  await using file = await backendsFile([]);
  await using gateway = await startGatewayUnderTest({ BACKENDS_FILE: file.path, MODELS: MODEL });
  const requests = Array.from({ length: 30 }, (_, i) => {
    const api = apis[i % apis.length] as Api; // the remainder is below the length
    return embed(gateway.origin, api, [`held ${i}`]).then((answer) => ({ api, answer, text: `held ${i}` }));
  });
  await expect.poll(() => gateway.pool.stats().heldJobs, SOON).toBe(30);
  expect((await exchange(`${gateway.origin}/readyz`)).status).toBe(200);
  const metrics = await readMetrics(gateway.origin);
  expect(metrics.value('forebay_held_requests')).toBe(30);
  expect(metrics.value('forebay_queue_depth', { priority: 'default' })).toBe(30);
  expect(metrics.value('forebay_queue_oldest_seconds')).toBeGreaterThan(0);
  expect(metrics.value('forebay_queued_work_seconds')).toBeGreaterThan(0);
  await file.write([{ id: 'one', url: backend.djlUrl, class: 'cpu', state: 'ready' }]);
  for (const { api, answer, text } of await Promise.all(requests)) {
    expect(answer.status).toBe(200);
    expect(api.vectors(answer.text)).toEqual([expectedVector(text)]);
  }
  expect((await readMetrics(gateway.origin)).value('forebay_held_requests')).toBe(0);
});

it.concurrent('holds any name while the list is empty and no model is known', async ({ expect }) => {
  await using backend = await startSimulatedBackend();
  await using file = await backendsFile([]);
  await using gateway = await startGatewayUnderTest({ BACKENDS_FILE: file.path });
  const held = embed(gateway.origin, openaiApi, 'a');
  await expect.poll(() => gateway.pool.stats().heldJobs, SOON).toBe(1);
  await file.write([{ id: 'one', url: backend.djlUrl, class: 'cpu', state: 'ready' }]);
  expect((await held).status).toBe(200);
});

it.concurrent('holds on when the list becomes empty again', async ({ expect }) => {
  await using backend = await startSimulatedBackend();
  const listed = [{ id: 'one', url: backend.djlUrl, class: 'cpu', state: 'ready' }];
  await using file = await backendsFile(listed);
  await using gateway = await startGatewayUnderTest({ BACKENDS_FILE: file.path });
  expect((await embed(gateway.origin, djlApi, 'a')).status).toBe(200);
  await file.write([]);
  await expect.poll(() => gateway.pool.stats().backends, SOON).toEqual([]);
  const held = embed(gateway.origin, djlApi, 'b');
  await expect.poll(() => gateway.pool.stats().heldJobs, SOON).toBe(1);
  await file.write(listed);
  expect((await held).status).toBe(200);
});

it.concurrent('refuses with 429 what is more than it may hold', async ({ expect }) => {
  await using file = await backendsFile([]);
  await using gateway = await startGatewayUnderTest({
    BACKENDS_FILE: file.path,
    MODELS: MODEL,
    MAX_HELD_REQUESTS: '3',
  });
  const headers = { 'x-request-timeout-ms': '2000' };
  const held = [1, 2, 3].map((i) => embed(gateway.origin, djlApi, `${i}`, { headers }));
  await expect.poll(() => gateway.pool.stats().heldJobs, SOON).toBe(3);
  for (const [api, word] of [
    [djlApi, 'WlmCapacityException'],
    [openaiApi, 'queue_full'],
  ] as const) {
    const answer = await embed(gateway.origin, api, 'one more');
    expect(refusalOf(api, answer)).toMatchObject({ status: 429, word });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  }
  expect((await readMetrics(gateway.origin)).value('forebay_shed_total', { reason: 'hold-full' })).toBe(2);
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([503, 503, 503]);
});

it.concurrent('does not hold for callers whose key is wrong', async ({ expect }) => {
  await using file = await backendsFile([]);
  await using gateway = await startGatewayUnderTest(
    { BACKENDS_FILE: file.path, MODELS: MODEL },
    { keys: [{ key: 'right', tenant: 'acme' }] },
  );
  const headers = { 'x-api-key': 'wrong' };
  expect((await embed(gateway.origin, djlApi, 'a', { headers })).status).toBe(401);
  expect(gateway.pool.stats().heldJobs).toBe(0);
});
