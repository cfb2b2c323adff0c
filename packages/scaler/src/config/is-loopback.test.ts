import { describe, expect, it } from 'vitest';
import { isLoopback } from './is-loopback.ts';

describe('loopback', () => {
  it.each([
    '127.0.0.1',
    '127.255.0.9',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    'localhost',
    'a.localhost',
  ])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    '::2',
    'localhost.example',
    'notlocalhost',
    '127.0.0.1.example',
  ])('is not %s', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
