import { expect, it } from 'vitest';
import { type GatewayTarget, gatewayAtAddress, parseGatewayTargets } from './gateway-targets.ts';

const gateway = (url: string): GatewayTarget => ({ kind: 'gateway', url });

it.each<[string, readonly GatewayTarget[]]>([
  ['http://127.0.0.1:8080', [gateway('http://127.0.0.1:8080/metrics')]],
  ['http://a:1/, https://b/edge/', [gateway('http://a:1/metrics'), gateway('https://b/edge/metrics')]],
  ['http://a:1/metrics', [gateway('http://a:1/metrics')]],
  ['http://[::1]:8080,', [gateway('http://[::1]:8080/metrics')]],
  ['dns+http://gw:8080', [{ kind: 'name', url: 'http://gw:8080/metrics', host: 'gw' }]],
])('reads %j', (text, targets) => {
  expect(parseGatewayTargets(text)).toEqual(targets);
});

it.each([
  ['', 'GATEWAY_URL names no gateway'],
  [' , ', 'GATEWAY_URL names no gateway'],
  ['http://a,gw:8080', 'GATEWAY_URL: entry 2 must be like http://gateway:8080 or dns+http://gateway:8080'],
  ['ftp://a', 'GATEWAY_URL: entry 1 must be like http://gateway:8080 or dns+http://gateway:8080'],
  ['http://me:secret@a', 'GATEWAY_URL: entry 1 must not carry credentials: /metrics is open'],
  ['http://a?b', 'GATEWAY_URL: entry 1 must have neither query nor fragment'],
  ['http://a,http://a/metrics', 'GATEWAY_URL names http://a/metrics twice'],
])('refuses %j', (text, message) => {
  expect(() => parseGatewayTargets(text)).toThrow(
    expect.objectContaining({ name: 'ScalerError', code: 'SCALER_CONFIG', message }),
  );
});

it('puts an address where the name stands', () => {
  const target = { url: 'http://gw:8080/edge/metrics' };
  expect(gatewayAtAddress(target, '10.0.0.7')).toBe('http://10.0.0.7:8080/edge/metrics');
  expect(gatewayAtAddress(target, 'fd00::7')).toBe('http://[fd00::7]:8080/edge/metrics');
});
