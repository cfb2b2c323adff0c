import { startSimulatedBackend } from '@forebay/testing';
import { it } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { Collector, samplesFor } from '../src/signals/collector.ts';
import { emptyReplicas } from '../src/signals/empty-replicas.ts';
import { parseGatewayTargets } from '../src/signals/gateway-targets.ts';
import { spawnGateway } from './spawned-gateway.ts';

const MODEL = 'all-MiniLM-L6-v2';
const NO_PIDS: ReadonlyMap<string, number> = new Map();
const { signal } = new AbortController();
const SOON = { interval: 20, timeout: 15_000 };

function embed(url: string, chunks: number) {
  return fetch(`${url}/predictions/${MODEL}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: Array.from({ length: chunks }, (_, i) => `text ${i}`) }),
  });
}

function collectorOf(...urls: readonly string[]) {
  const collector = new Collector({
    gateways: parseGatewayTargets(urls.join(',')),
    limitsOf: () => ({ cores: 1, memoryBytes: 1 }),
    // Several processes start at once here: what is late is not what is tested.
    timeoutMs: 20_000,
  });
  return () => collector.collect(NO_PIDS, signal);
}

it.concurrent('sees arrivals, requests, latency and the learned speed of a real gateway', async ({
  expect,
}) => {
  await using backend = await startSimulatedBackend({ aMs: 5, bMs: 1 });
  await using gateway = await spawnGateway({ DJL_URLS: `${backend.djlUrl};class=cpu` });
  const id = `127.0.0.1:${backend.port}/${MODEL}`;
  const group = { name: 'g', class: 'cpu', replicaIds: [id], readyIds: [id] };
  const collect = collectorOf(gateway.url);
  const before = samplesFor(await collect(), group);
  expect(before).toMatchObject({
    arrivals_per_second: { kind: 'missing', reason: 'it takes a second reading' },
    queued_chunks: { kind: 'value', value: 0 },
    in_flight_chunks: { kind: 'value', value: 0 },
    held_requests: { kind: 'value', value: 0 },
  });
  expect(before).not.toHaveProperty('chunks_per_second_per_replica');

  for (let i = 0; i < 3; i += 1) expect((await embed(gateway.url, 100)).status).toBe(200);
  expect((await fetch(`${gateway.url}/predictions/${MODEL}`, { method: 'POST' })).status).toBe(400);
  const readings = await collect();
  const [history] = readings.gateways;
  if (history?.current.kind !== 'read' || !history.earlier) throw new Error('not read twice');
  const seconds = (history.current.beganAtMs - history.earlier.beganAtMs) / 1_000;
  const after = samplesFor(readings, group);
  expect(after).toMatchObject({
    arrivals_per_second: { kind: 'value', value: expect.closeTo(300 / seconds, 6) },
    requests_per_second: { kind: 'value', value: expect.closeTo(3 / seconds, 6) },
    queued_chunks: { kind: 'value', value: 0 },
    queued_work_seconds: { kind: 'value', value: 0 },
    latency_p50_seconds: { kind: 'value', value: expect.any(Number) },
  });
  // 1 ms for each chunk and 5 ms for each batch: below 1,000 by any count.
  const { chunks_per_second_per_replica: speed, latency_p50_seconds: latency } = after;
  if (speed?.kind !== 'value' || latency?.kind !== 'value') throw new Error('not measured');
  expect(speed.value).toBeGreaterThan(50);
  expect(speed.value).toBeLessThan(2_000);
  expect(latency.value).toBeGreaterThan(0);
});

it.concurrent('sees a queue over two gateways, what is in flight, and when a draining replica is empty', async ({
  expect,
}) => {
  await using backend = await startSimulatedBackend();
  const env = { DJL_URLS: `${backend.djlUrl};class=cpu` };
  await using one = await spawnGateway(env);
  await using two = await spawnGateway(env);
  const id = `127.0.0.1:${backend.port}/${MODEL}`;
  const group = { name: 'g', class: 'cpu', replicaIds: [id], readyIds: [id] };
  const collect = collectorOf(one.url, two.url);
  const markedAtMs = systemClock.nowMs() - 10_000;
  const empty = async () => {
    const { gateways } = await collect();
    const readings = gateways.map(({ current }) => current);
    return [...emptyReplicas([{ id, sinceMs: markedAtMs }], readings)];
  };
  await expect.poll(empty, SOON).toEqual([id]);

  backend.setFault({ kind: 'hang' });
  const unanswered = [embed(one.url, 40), embed(two.url, 30)].map((request) => request.catch(() => 'gone'));
  const working = async () => {
    const samples = samplesFor(await collect(), group);
    const { queued_chunks: queued, in_flight_chunks: inFlight } = samples;
    if (queued?.kind !== 'value' || inFlight?.kind !== 'value') return undefined;
    return { all: queued.value + inFlight.value, sent: inFlight.value > 0 };
  };
  await expect.poll(working, SOON).toEqual({ all: 70, sent: true });
  expect(await empty()).toEqual([]);
  expect(samplesFor(await collect(), group)).toMatchObject({
    queued_work_seconds: { kind: 'value' },
    latency_p99_seconds: { kind: 'missing' },
  });
  await two[Symbol.asyncDispose]();
  expect(samplesFor(await collect(), group).queued_chunks).toMatchObject({
    kind: 'missing',
    reason: `${two.url}/metrics could not be reached: ECONNREFUSED`,
  });
  expect(await empty()).toEqual([]);
  await one[Symbol.asyncDispose]();
  expect(await Promise.all(unanswered)).toEqual(['gone', 'gone']);
});

it.concurrent('sees requests that are held while there is no backend', async ({ expect }) => {
  await using gateway = await spawnGateway({ BACKENDS_FILE: '/there/is/none', MODELS: MODEL });
  const gone = new AbortController();
  const held = Array.from({ length: 3 }, () =>
    fetch(`${gateway.url}/predictions/${MODEL}`, {
      method: 'POST',
      signal: gone.signal,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: ['a', 'b'] }),
    }).catch(() => 'gone'),
  );
  const collect = collectorOf(gateway.url);
  const group = { name: 'g', class: 'cpu', replicaIds: [], readyIds: [] };
  const samples = async () => samplesFor(await collect(), group);
  await expect.poll(samples, SOON).toMatchObject({
    held_requests: { kind: 'value', value: 3 },
    queued_chunks: { kind: 'value', value: 6 },
    in_flight_chunks: { kind: 'value', value: 0 },
  });
  const now = await samples();
  expect(now.queued_work_seconds).toMatchObject({ kind: 'value', value: expect.any(Number) });
  expect(now).not.toHaveProperty('cpu_percent');
  gone.abort();
  await Promise.all(held);
  await expect.poll(samples, SOON).toMatchObject({ held_requests: { kind: 'value', value: 0 } });
});
