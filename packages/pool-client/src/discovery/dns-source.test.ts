import { ManualClock } from '@forebay/testing';
import { expect, it, onTestFinished } from 'vitest';
import { type AddressPolicy, parseAllowedBackends } from './address-policy.ts';
import { dnsSource } from './dns-source.ts';
import { parseBackend } from './parse-backend-url.ts';
import { watchSource } from './watched-source.test-support.ts';

const setUp = (text: string, addresses: string[], policy?: AddressPolicy) => {
  const lookups: string[] = [];
  const state = { addresses, hangs: false };
  const target = parseBackend(text);
  if (target.kind !== 'dns') throw new Error(`it is ${target.kind}`);
  const resolve = async (host: string) => {
    lookups.push(host);
    if (state.hangs) await new Promise<never>(() => undefined);
    if (state.addresses.length === 0) throw new Error(`getaddrinfo ENOTFOUND ${host}`);
    return state.addresses;
  };
  const watched = watchSource(
    new ManualClock(),
    (dependencies) => dnsSource(target.name, dependencies, resolve),
    policy,
  );
  onTestFinished(watched.stop);
  return { ...watched, lookups, state };
};
const url = 'dns+http://djl:8080/predictions/m';

it('has one backend for each address, in a fixed order, looked up every 5 s', async () => {
  const { start, latest, clock, state, lookups, snapshots } = setUp(url, ['10.0.0.2', 'fd00::1', '10.0.0.1']);
  await start();
  const all = { kind: 'listed', complete: true, resolvedFrom: 'djl' };
  expect(latest()).toEqual({ ...all, ids: ['10.0.0.1:8080/m', '10.0.0.2:8080/m', '[fd00::1]:8080/m'] });
  state.addresses = ['fd00::1', '10.0.0.1', '10.0.0.2', '10.0.0.1'];
  await clock.advance(5_000);
  expect(snapshots).toHaveLength(1);
  // The pause before the next lookup; none is left over from a lookup's time limit.
  expect(clock.pendingSleeps).toBe(1);
  state.addresses = ['10.0.0.3', 'fe80::1%eth0'];
  await clock.advance(4_999);
  expect(lookups).toEqual(['djl', 'djl']);
  await clock.advance(1);
  expect(latest()).toEqual({ ...all, ids: ['10.0.0.3:8080/m'] });
});

it('is pending until the name resolves, and keeps its last addresses when it no longer does', async () => {
  const { start, latest, clock, state } = setUp(url, []);
  await start();
  expect(latest()).toEqual({ kind: 'pending', reason: 'djl does not resolve: getaddrinfo ENOTFOUND djl' });
  state.addresses = ['10.0.0.1'];
  await clock.advance(5_000);
  const one = { kind: 'listed', ids: ['10.0.0.1:8080/m'], complete: true, resolvedFrom: 'djl' };
  expect(latest()).toEqual(one);
  state.addresses = [];
  await clock.advance(5_000);
  expect(latest()).toEqual({ ...one, problem: 'djl does not resolve: getaddrinfo ENOTFOUND djl' });
  state.addresses = ['10.0.0.1'];
  await clock.advance(5_000);
  expect(latest()).toEqual(one);
});

it('gives up a lookup that hangs, after 5 s or when it is stopped', async () => {
  const { start, latest, clock, state, stop } = setUp(url, ['10.0.0.1']);
  state.hangs = true;
  await start();
  await clock.advance(5_000);
  expect(latest()).toEqual({ kind: 'pending', reason: 'djl was not resolved within 5000 ms' });
  await clock.advance(5_000);
  await stop();
  expect(clock.pendingSleeps).toBe(0);
});

it('asks each address for its models where the URL names none', async () => {
  const { start, latest, network } = setUp('dns+http://djl:8080', ['10.0.0.1', '10.0.0.2']);
  network.serve('http://10.0.0.1:8080', 'm');
  await start();
  expect(latest()).toEqual({
    kind: 'listed',
    ids: ['10.0.0.1:8080/m'],
    complete: true,
    resolvedFrom: 'djl',
    problem: 'GET http://10.0.0.2:8080/models failed: connect ECONNREFUSED http://10.0.0.2:8080',
  });
});

it('asks public addresses of a listed name, link-local ones never', async () => {
  const addresses = ['203.0.113.1', '169.254.169.254'];
  const { start, network } = setUp('dns+http://djl:8080', addresses, parseAllowedBackends('djl'));
  await start();
  expect(network.asked.map((request) => request.url)).toEqual(['http://203.0.113.1:8080/models']);
});

it('looks names up as the machine does when it is not told otherwise', async () => {
  const target = parseBackend('dns+http://127.0.0.1:8080/predictions/m');
  if (target.kind !== 'dns') throw new Error(`it is ${target.kind}`);
  const watched = watchSource(new ManualClock(), (dependencies) => dnsSource(target.name, dependencies));
  onTestFinished(watched.stop);
  await watched.start();
  await expect.poll(watched.latest).toMatchObject({ ids: ['127.0.0.1:8080/m'] });
});
