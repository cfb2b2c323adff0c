import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { PoolError } from '../errors.ts';
import { parseAllowedBackends } from './address-policy.ts';

describe('by default', () => {
  const policy = parseAllowedBackends();

  it.each([
    ['127.0.0.1', true],
    ['127.255.255.255', true],
    ['10.0.0.1', true],
    ['172.16.0.1', true],
    ['172.31.255.255', true],
    ['172.32.0.1', false],
    ['192.168.1.1', true],
    ['100.64.0.1', true],
    ['100.128.0.1', false],
    ['8.8.8.8', false],
    ['::1', true],
    ['fd12:3456::1', true],
    ['2001:4860:4860::8888', false],
    ['::ffff:127.0.0.1', true],
    ['::ffff:8.8.8.8', false],
    ['::ffff:7f00:1', true],
    ['::7f00:1', false],
    ['169.254.169.254', false],
    ['fe80::1', false],
    ['fe80::1%eth0', false],
    ['fd00:ec2::254', false],
    ['100.100.100.200', false],
    ['0.0.0.0', false],
    ['::', false],
    ['0x7f.1', false],
    ['2130706433', false],
    ['localhost', false],
    ['', false],
  ])('address %s: allowed is %s', (address, allowed) => {
    expect(policy.allows(address)).toBe(allowed);
  });

  it.each([
    ['127.0.0.1', 'allowed'],
    ['[::1]', 'allowed'],
    ['::1', 'allowed'],
    ['0x7f.1', 'allowed'],
    ['2130706433', 'allowed'],
    ['0177.0.0.1', 'allowed'],
    ['2852039166', 'refused'], // 169.254.169.254
    ['0xa9.0xfe.0xa9.0xfe', 'refused'],
    ['0251.0376.0251.0376', 'refused'],
    ['[::ffff:169.254.169.254]', 'refused'],
    ['[::ffff:a9fe:a9fe]', 'refused'],
    ['[::]', 'refused'],
    ['0', 'refused'],
    ['8.8.8.8', 'refused'],
    ['fe80::1%eth0', 'refused'],
    ['localhost', 'when-resolved'],
    ['metadata.google.internal', 'when-resolved'],
  ])('host %s is %s', (hostname, kind) => {
    expect(policy.allowsHost(hostname).kind).toBe(kind);
  });

  it('applies to a blank setting', () => {
    expect(parseAllowedBackends(' , ').allows('10.0.0.1')).toBe(true);
  });

  it('says what the list was when it refuses', () => {
    expect(policy.allowsHost('8.8.8.8')).toEqual({
      kind: 'refused',
      reason: '8.8.8.8 is not in ALLOWED_BACKENDS (by default loopback and private ranges)',
    });
  });
});

describe('with a list', () => {
  it('takes the place of the default', () => {
    const policy = parseAllowedBackends(
      '203.0.113.0/24, 2001:db8::/32, [2001:db9::1], ::ffff:198.51.100.0/120',
    );
    const allowed = ['203.0.113.9', '2001:db8::5', '2001:db9::1', '198.51.100.7'];
    const refused = ['127.0.0.1', '203.0.114.1', '2001:db9::2', '198.51.101.1'];
    expect(allowed.map((address) => policy.allows(address))).toEqual(allowed.map(() => true));
    expect(refused.map((address) => policy.allows(address))).toEqual(refused.map(() => false));
  });

  it('opens all addresses of a listed name, whatever its case, but those always refused', () => {
    const policy = parseAllowedBackends('Embed.example.com., *.internal');
    expect(policy.allowsHost('embed.EXAMPLE.com.')).toEqual({ kind: 'allowed' });
    expect(policy.allowsHost('a.b.internal')).toEqual({ kind: 'allowed' });
    expect(policy.allowsHost('internal')).toEqual({ kind: 'when-resolved' });
    expect(policy.allowsHost('evil-internal')).toEqual({ kind: 'when-resolved' });
    expect(policy.allows('8.8.8.8', 'embed.example.com')).toBe(true);
    expect(policy.allows('8.8.8.8', 'other.example.com')).toBe(false);
    expect(policy.allows('8.8.8.8')).toBe(false);
    expect(policy.allows('169.254.169.254', 'embed.example.com')).toBe(false);
    expect(policy.allows('::ffff:169.254.169.254', 'a.internal')).toBe(false);
  });

  it.each([
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '::a9fe:a9fe',
    'fe80::1',
    'febf::1',
    'fd00:ec2::254',
    '0.1.2.3',
    '::',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
  ])('refuses %s even when everything is listed', (address) => {
    const policy = parseAllowedBackends('0.0.0.0/0,::/0,*.example.com');
    expect(policy.allows(address)).toBe(false);
    expect(policy.allows(address, 'a.example.com')).toBe(false);
    expect(policy.allowsHost(address).kind).toBe('refused');
  });

  it('allows an address exactly when it is in a listed network, written as IPv4 or mapped', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const address = fc.tuple(fc.integer({ min: 1, max: 99 }), octet, octet, octet);
    fc.assert(
      fc.property(address, address, fc.integer({ min: 1, max: 32 }), (network, octets, bits) => {
        const policy = parseAllowedBackends(`${network.join('.')}/${bits}`);
        const shift = 32 - bits;
        const prefixOf = (bytes: readonly number[]) => Buffer.from(bytes).readUInt32BE() >>> shift;
        const expected = prefixOf(octets) === prefixOf(network);
        const mapped = new ipaddr.IPv4([...octets]).toIPv4MappedAddress().toString();
        expect(policy.allows(octets.join('.'))).toBe(expected);
        expect(policy.allows(mapped)).toBe(expected);
      }),
      { seed: 7 },
    );
  });

  it.each([
    'http://djl:8080',
    'djl:8080',
    '10.0.0.1:80',
    '10.0.0.0/33',
    '10.0.0.0/x',
    '10.0.0.0/8/8',
    '0x7f.1',
    '127.1',
    'a..b',
    '*',
    'a.*.b',
    '169.254.169.254',
    '169.254.0.0/16',
    'fe80::/10',
  ])('does not take %s', (item) => {
    const error = (() => {
      try {
        return parseAllowedBackends(`10.0.0.0/8,${item}`);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(PoolError);
    expect(String(error)).toContain(JSON.stringify(item));
  });
});
