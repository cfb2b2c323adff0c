import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import type { Samples } from '../values/sample.ts';
import { type CannedServer, startCannedServer } from './canned-server.test-support.ts';
import { Collector, type CollectorOptions, samplesFor } from './collector.ts';
import { type CannedGateway, cannedExposition } from './exposition.test-support.ts';
import { parseGatewayTargets } from './gateway-targets.ts';
import { cannedProc } from './proc-files.test-support.ts';
import { prometheusSource } from './prometheus-source.ts';

const signal = new AbortController().signal;
const group = { name: 'g', class: 'cpu', replicaIds: ['a'], readyIds: ['a'] };
const limits = { cores: 2, memoryBytes: 1_024 * 1_000 };
const NO_PIDS: ReadonlyMap<string, number> = new Map();

/** A gateway whose numbers a test changes; `undefined` is one that answers 503. */
async function gateway(says: CannedGateway | undefined) {
  let now = says;
  const server = await startCannedServer((_, response) => {
    if (now === undefined) response.writeHead(503).end();
    else response.end(cannedExposition(now));
  });
  return Object.assign(server, {
    say(next: CannedGateway | undefined) {
      now = next;
    },
  });
}

function collector(gateways: string, options: Partial<CollectorOptions> = {}) {
  const clock = new ManualClock(1_000_000);
  const made = new Collector({
    gateways: parseGatewayTargets(gateways),
    limitsOf: () => limits,
    clock,
    ...options,
  });
  const tick = async (pids = NO_PIDS) => {
    const samples = samplesFor(await made.collect(pids, signal), group);
    await clock.advance(5_000);
    return samples;
  };
  return { clock, made, tick };
}

it('knows rates from the second tick on', async () => {
  await using one = await gateway({ received: 100 });
  const { tick } = collector(one.url);
  expect((await tick()).arrivals_per_second).toMatchObject({ kind: 'missing' });
  one.say({ received: 150, queued: 3 });
  expect(await tick()).toMatchObject({
    arrivals_per_second: { kind: 'value', value: 10, atMs: 1_005_000 },
    queued_chunks: { kind: 'value', value: 3 },
  });
});

it('takes the rate over the whole gap after a failed scrape', async () => {
  await using one = await gateway({ received: 100 });
  const { tick } = collector(one.url);
  await tick();
  one.say(undefined);
  const reason = `${one.url}/metrics answered 503`;
  expect((await tick()).arrivals_per_second).toEqual({ kind: 'missing', reason, atMs: 1_005_000 });
  one.say({ received: 200 });
  expect((await tick()).arrivals_per_second).toMatchObject({ kind: 'value', value: 10 });
});

it('reads each gateway behind a name', async () => {
  const port = ({ port }: CannedServer) => port;
  await using one = await gateway({ received: 100, queued: 1 });
  await using twin = await gateway({ received: 900, queued: 8 });
  // Both addresses are this machine's: the second gateway is found by a second name.
  const hosts: Record<string, string[]> = { one: ['127.0.0.1'], two: ['127.0.0.1'] };
  const { tick } = collector(`dns+http://one:${port(one)},dns+http://two:${port(twin)}`, {
    resolve: async (host) => hosts[host] ?? [],
  });
  expect((await tick()).queued_chunks).toMatchObject({ value: 9 });
  hosts.two = [];
  expect((await tick()).queued_chunks).toMatchObject({
    kind: 'missing',
    reason: `dns+http://two:${port(twin)}/metrics: two has no address that a gateway can be at`,
  });
  hosts.two = ['127.0.0.1'];
  twin.say({ received: 1_900 });
  expect((await tick()).arrivals_per_second).toMatchObject({ kind: 'value', value: 200 });
});

it('still reads a gateway that has left its name, for two minutes and while it answers', async () => {
  // On all addresses of this machine: one server stands for two gateways that say the same.
  let addresses = ['127.0.0.1', '127.0.0.2'];
  let isUp = true;
  await using both = await startCannedServer((request, response) => {
    if (isUp || request.headers.host?.startsWith('127.0.0.1')) response.end(cannedExposition({ queued: 4 }));
    else response.destroy();
  }, '0.0.0.0');
  const resolve = async () => addresses;
  const queuedAfter = async (ticks: number, tick: () => Promise<Samples>) => {
    let last: unknown;
    for (let i = 0; i < ticks; i += 1) last = (await tick()).queued_chunks;
    return last;
  };
  const first = collector(`dns+http://gw:${both.port}`, { resolve });
  expect(await queuedAfter(1, first.tick)).toMatchObject({ value: 8 });
  addresses = ['127.0.0.1'];
  // Ticks are 5 s apart.
  expect(await queuedAfter(25, first.tick)).toMatchObject({ value: 8 });
  expect(await queuedAfter(2, first.tick)).toMatchObject({ value: 4 });

  addresses = ['127.0.0.1', '127.0.0.2'];
  const second = collector(`dns+http://gw:${both.port}`, { resolve });
  await second.tick();
  addresses = ['127.0.0.1'];
  isUp = false;
  expect(await queuedAfter(1, second.tick)).toMatchObject({ value: 4 });
});

it('does not miss a gateway that the name no longer has', async () => {
  await using one = await gateway({ queued: 1, received: 100 });
  let addresses = ['127.0.0.1', '127.0.0.2'];
  const { tick } = collector(`dns+http://gw:${one.port}`, { resolve: async () => addresses });
  expect((await tick()).queued_chunks).toMatchObject({ kind: 'missing' }); // nobody listens at the second
  addresses = ['127.0.0.1'];
  expect((await tick()).queued_chunks).toMatchObject({ kind: 'value', value: 1 });
});

it('asks Prometheus, whose answer may replace a signal of ours', async () => {
  await using one = await gateway({});
  await using prometheus = await startCannedServer((_, response) => {
    response.end('{"status":"success","data":{"resultType":"scalar","result":[1000,"42"]}}');
  });
  const query = { url: prometheus.url, query: 'x' };
  const { tick } = collector(one.url, {
    sources: ['cpu_percent', 'mine'].map((name) => prometheusSource({ name }, query)),
  });
  const value = { kind: 'value', value: 42, atMs: 1_000_000 };
  expect(await tick()).toMatchObject({ cpu_percent: value, mine: value });
});

it('gives a group its own signal before one that is for all, and no other group’s', async () => {
  await using one = await gateway({});
  const says = (name: string, value: number, of?: string) => ({
    name,
    group: of,
    sample: { kind: 'value', value, atMs: 7 } as const,
  });
  const source = {
    read: async () => [
      says('cpu_percent', 1, 'g'),
      says('cpu_percent', 2),
      says('cpu_percent', 3, 'h'),
      says('gpu', 4, 'h'),
    ],
    close: async () => undefined,
  };
  const { made } = collector(one.url, { sources: [source] });
  const readings = await made.collect(NO_PIDS, signal);
  const of = (name: string) => {
    const { cpu_percent, gpu } = samplesFor(readings, { ...group, name });
    return [cpu_percent, gpu].map((sample) => (sample?.kind === 'value' ? sample.value : undefined));
  };
  expect([of('g'), of('h'), of('i')]).toEqual([
    [1, undefined],
    [3, 4],
    [2, undefined],
  ]);
});

it('measures processes from the second tick on', async () => {
  await using one = await gateway({});
  let ticks = 0;
  const proc = {
    ...cannedProc({}),
    pids: async () => [7],
    read: (pid: number, file: 'stat' | 'status' | 'io') =>
      cannedProc({ 7: { parent: 1, ticks: [ticks, 0, 0, 0], residentKib: 100 } }).read(pid, file),
  };
  const { tick } = collector(one.url, { proc });
  const pids = new Map([['a', 7]]);
  expect((await tick(pids)).cpu_percent).toMatchObject({ reason: 'a: it takes a second reading' });
  ticks = 500;
  expect(await tick(pids)).toMatchObject({
    cpu_percent: { kind: 'value', value: 50 },
    memory_percent: { kind: 'value', value: 10 },
    disk_read_bytes_per_second: { kind: 'value', value: 0 },
  });
  expect(await tick()).not.toHaveProperty('cpu_percent');
});

it('has one deadline for all sources and says which were late', async () => {
  await using one = await gateway({});
  await using hanging = await startCannedServer(() => undefined);
  const { made, clock } = collector(`${one.url},${hanging.url}`, {
    sources: [prometheusSource({ name: 'mine' }, { url: hanging.url, query: 'x' })],
    proc: { ...cannedProc({}), pids: () => new Promise(() => undefined) },
  });
  const readings = made.collect(new Map([['a', 7]]), signal);
  await expect.poll(() => clock.pendingSleeps, { interval: 5 }).toBe(3); // the good gateway has answered
  await clock.advance(3_000);
  expect(samplesFor(await readings, group)).toMatchObject({
    queued_chunks: { reason: `${hanging.url}/metrics did not answer within 3000 ms` },
    mine: { reason: `${hanging.url}/api/v1/query did not answer within 3000 ms` },
    cpu_percent: { reason: 'a: /proc was not read in time' },
  });
});

it('starts nothing before it is asked', () => {
  expect(collector('http://127.0.0.1:1').clock.pendingSleeps).toBe(0);
});
