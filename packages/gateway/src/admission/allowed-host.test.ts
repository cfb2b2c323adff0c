import { describe, expect, it } from 'vitest';
import { isAllowedHost } from './allowed-host.ts';

const hosts = ['localhost', '127.0.0.1', '[::1]', 'pool.example:9000'];

describe('a Host header', () => {
  it.each([
    'localhost',
    'LocalHost:8080',
    '127.0.0.1:1',
    '[::1]',
    '[::1]:8080',
    'localhost.:80',
    'pool.example:9000',
  ])('is allowed as %s', (header) => {
    expect(isAllowedHost(header, hosts)).toBe(true);
  });

  it.each([
    undefined,
    '',
    ':8080',
    'evil.example',
    'localhost.evil.example',
    'pool.example',
    'pool.example:9001',
    '[::2]:8080',
    '127.0.0.10',
  ])('is refused as %s', (header) => {
    expect(isAllowedHost(header, hosts)).toBe(false);
  });
});
