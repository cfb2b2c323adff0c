import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { type ResolveHost, resolveGateways } from './resolve-gateways.ts';

const name = { kind: 'name', url: 'http://gw:8080/metrics', host: 'gw' } as const;
const deadline = () => ({
  clock: new ManualClock(),
  timeoutMs: 100,
  signal: new AbortController().signal,
});

it('takes a gateway as it is', async () => {
  const target = { kind: 'gateway', url: 'http://gw:8080/metrics' } as const;
  expect(await resolveGateways(target, deadline())).toEqual({ kind: 'resolved', urls: [target.url] });
});

it('finds one gateway at each address, in an order of its own and each once', async () => {
  const resolve: ResolveHost = async () => ['10.0.0.2', '10.0.0.1', '10.0.0.2', 'fe80::1%eth0'];
  expect(await resolveGateways(name, deadline(), resolve)).toEqual({
    kind: 'resolved',
    urls: ['http://10.0.0.1:8080/metrics', 'http://10.0.0.2:8080/metrics'],
  });
});

it.each<[string, ResolveHost, string]>([
  [
    'does not resolve',
    () => Promise.reject(new Error('getaddrinfo ENOTFOUND gw')),
    'does not resolve: getaddrinfo ENOTFOUND gw',
  ],
  ['has no address', async () => [], 'has no address that a gateway can be at'],
])('fails when the name %s', async (_, resolve, problem) => {
  expect(await resolveGateways(name, deadline(), resolve)).toEqual({
    kind: 'failed',
    target: 'dns+http://gw:8080/metrics',
    reason: `dns+http://gw:8080/metrics: gw ${problem}`,
  });
});

it('fails at the deadline', async () => {
  const options = deadline();
  const result = resolveGateways(name, options, () => new Promise(() => undefined));
  await options.clock.advance(100);
  expect(await result).toMatchObject({
    kind: 'failed',
    reason: 'dns+http://gw:8080/metrics: gw was not resolved within 100 ms',
  });
});

it('asks the machine', async () => {
  const localhost = { kind: 'name', url: 'http://localhost:8080/metrics', host: 'localhost' } as const;
  const found = await resolveGateways(localhost, deadline());
  expect(found).toMatchObject({ kind: 'resolved' });
  expect(found.kind === 'resolved' && found.urls.length).toBeGreaterThan(0);
});
