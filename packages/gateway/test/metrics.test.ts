import { spawnSync } from 'node:child_process';
import { type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { apis, djlApi, embed, MODEL, openaiApi } from './apis.ts';
import { backendsFile } from './backends-file.ts';
import { type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';
import { readMetrics, type Scrape } from './read-metrics.ts';
import { SOON } from './soon.ts';

let backend: SimulatedBackend;
let gateway: GatewayUnderTest;
let scrape: Scrape;
let id: string;

/** Traffic of every kind: 3 good requests of 10 chunks, a wrong one, a poisonous text, an outage that is retried. */
beforeAll(async () => {
  backend = await startSimulatedBackend({ aMs: 2, faults: [{ kind: 'poison', marker: 'poison' }] });
  gateway = await startGatewayUnderTest({ DJL_URLS: `${backend.djlUrl};class=gpu`, MAX_QUEUED_CHUNKS: '20' });
  id = `127.0.0.1:${backend.port}/${MODEL}`;
  const ten = Array.from({ length: 10 }, (_, i) => `${i}`);
  for (const api of apis) await embed(gateway.origin, api, ten);
  await embed(gateway.origin, djlApi, [7]);
  await embed(gateway.origin, openaiApi, ['poison']);
  backend.setFault({ kind: 'error', error: 'internal-error', count: 1 });
  await embed(gateway.origin, djlApi, ['again']);
  scrape = await readMetrics(gateway.origin);
});

afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

it.each([
  ['forebay_queue_depth', 'gauge', ['priority']],
  ['forebay_queue_bytes', 'gauge', []],
  ['forebay_queue_oldest_seconds', 'gauge', []],
  ['forebay_queued_work_seconds', 'gauge', []],
  ['forebay_queue_wait_seconds', 'histogram', []],
  ['forebay_requests_total', 'counter', ['api', 'code']],
  ['forebay_request_duration_seconds', 'histogram', ['api']],
  ['forebay_chunks_received_total', 'counter', []],
  ['forebay_chunks_total', 'counter', ['outcome']],
  ['forebay_inflight_chunks', 'gauge', ['backend', 'class']],
  ['forebay_backend_batches_total', 'counter', ['backend', 'outcome']],
  ['forebay_backend_request_duration_seconds', 'histogram', ['backend']],
  ['forebay_batch_chunks', 'histogram', ['backend']],
  ['forebay_backend_up', 'gauge', ['backend', 'class']],
  ['forebay_breaker_state', 'gauge', ['backend']],
  ['forebay_backend_chunks_per_second', 'gauge', ['backend', 'class']],
  ['forebay_retries_total', 'counter', ['reason']],
  ['forebay_held_requests', 'gauge', []],
])('has %s, a %s with the labels %j', (name, type, labels) => {
  expect(scrape.types.get(name)).toBe(type);
  const own = type === 'histogram' ? `${name}_count` : name;
  const found = scrape.samples.filter((sample) => sample.name === own);
  expect(found.length).toBeGreaterThan(0);
  for (const sample of found) expect(Object.keys(sample.labels).sort()).toEqual(labels);
});

it('has forebay_shed_total, without samples while nothing was shed', () => {
  expect(scrape.types.get('forebay_shed_total')).toBe('counter');
});

it('counts requests by API and status', () => {
  const codes = (api: string) =>
    Object.fromEntries(
      scrape.samples
        .filter(({ name, labels }) => name === 'forebay_requests_total' && labels.api === api)
        .map(({ labels, value }) => [labels.code, value]),
    );
  expect({ djl: codes('djl'), openai: codes('openai'), tei: codes('tei') }).toEqual({
    djl: { 200: 2, 400: 1 },
    openai: { 200: 1, 400: 1 },
    tei: { 200: 1 },
  });
  expect(scrape.value('forebay_request_duration_seconds_count')).toBe(6);
});

it('counts chunks: all that came are settled', () => {
  expect(scrape.value('forebay_chunks_received_total')).toBe(32);
  expect(scrape.value('forebay_chunks_total', { outcome: 'ok' })).toBe(31);
  expect(scrape.value('forebay_chunks_total', { outcome: 'error' })).toBe(1);
  expect(scrape.value('forebay_chunks_total', { outcome: 'cancelled' })).toBe(0);
  expect(scrape.value('forebay_inflight_chunks', { backend: id, class: 'gpu' })).toBe(0);
  for (const priority of ['interactive', 'default', 'bulk']) {
    expect(scrape.value('forebay_queue_depth', { priority })).toBe(0);
  }
});

it('tells of each backend', () => {
  expect(scrape.value('forebay_backend_up', { backend: id, class: 'gpu' })).toBe(1);
  expect(scrape.value('forebay_breaker_state', { backend: id })).toBe(0);
  expect(scrape.value('forebay_backend_chunks_per_second', { backend: id })).toBeGreaterThan(0);
  expect(
    scrape.value('forebay_backend_batches_total', { backend: id, outcome: 'ok' }),
  ).toBeGreaterThanOrEqual(4);
  expect(scrape.value('forebay_retries_total')).toBeGreaterThanOrEqual(1);
  const batches = scrape.value('forebay_backend_batches_total', { backend: id });
  expect(scrape.value('forebay_batch_chunks_count', { backend: id })).toBe(batches);
  expect(scrape.value('forebay_backend_request_duration_seconds_count', { backend: id })).toBe(batches);
});

it('says while chunks wait how many, how large, and for how long', async () => {
  backend.setFault({ kind: 'slow', extraMs: 400 });
  const texts = Array.from({ length: 20 }, (_, i) => `é${String(i).padStart(2, '0')}`);
  const headers = { 'x-forebay-priority': 'bulk' };
  const request = embed(gateway.origin, djlApi, texts, { headers });
  await expect.poll(() => gateway.pool.stats().backends[0]?.inFlightChunks, SOON).toBeGreaterThan(0);
  const { value } = await readMetrics(gateway.origin);
  const inFlight = value('forebay_inflight_chunks', { backend: id }) ?? 0;
  const waiting = value('forebay_queue_depth', { priority: 'bulk' }) ?? 0;
  expect(inFlight + waiting).toBe(20);
  expect(value('forebay_queue_bytes')).toBe(4 * waiting);
  expect(value('forebay_queue_oldest_seconds')).toBeLessThan(60);
  expect((await request).status).toBe(200);
});

it('has Node metrics', () => {
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_seconds',
    'nodejs_heap_size_used_bytes',
    'nodejs_gc_duration_seconds',
  ]) {
    expect([...scrape.types.keys()]).toContain(name);
  }
});

it('has names that promtool takes', () => {
  // What `promtool check metrics` asks for, as far as it can be told from names and types.
  for (const [name, type] of scrape.types) {
    expect({ name, total: name.endsWith('_total') }).toEqual({ name, total: type === 'counter' });
    expect(name).not.toMatch(/_(milliseconds|ms|minutes|kilobytes|mb|count|sum|bucket|gauge|counter)$/);
    expect(scrape.text).toContain(`# HELP ${name} `);
  }
});

it('says of an id whose server has changed how the new one stands, while the old one still works', async () => {
  await using before = await startSimulatedBackend();
  await using after = await startSimulatedBackend();
  const entry = ({ djlUrl }: SimulatedBackend) => ({ id: 'one', url: djlUrl, class: 'cpu', state: 'ready' });
  await using file = await backendsFile([entry(before)]);
  await using changing = await startGatewayUnderTest({ BACKENDS_FILE: file.path });
  expect((await embed(changing.origin, djlApi, 'a')).status).toBe(200);
  before.setFault({ kind: 'hang' });
  const gone = new AbortController();
  const request = embed(changing.origin, djlApi, ['b', 'c'], { signal: gone.signal });
  await expect.poll(() => changing.pool.stats().backends[0]?.inFlightChunks, SOON).toBe(2);
  await file.write([entry(after)]);
  const isUp = () => changing.pool.stats().backends.some(({ state }) => state === 'serving');
  await expect.poll(() => changing.pool.stats().backends.length === 2 && isUp(), SOON).toBe(true);
  const { value } = await readMetrics(changing.origin);
  expect(value('forebay_inflight_chunks', { backend: 'one' })).toBe(2);
  expect(value('forebay_backend_up', { backend: 'one' })).toBe(1);
  gone.abort();
  await expect(request).rejects.toThrow('abort');
});

const promtool = process.env.PROMTOOL ?? 'promtool';
const hasPromtool = spawnSync(promtool, ['--version']).status === 0;

it.skipIf(!hasPromtool)(
  'is clean for promtool (skipped where it is neither on the PATH nor named by PROMTOOL)',
  () => {
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], { input: scrape.text });
    expect(`${status} ${stdout}${stderr}`).toBe('0 ');
  },
);
