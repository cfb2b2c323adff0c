import ipaddr from 'ipaddr.js';
import { PoolError } from '../errors.ts';

/** What can be said of a host before it is resolved. */
export type HostVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly reason: string }
  /** A name that no rule lists: each address that it resolves to has to be asked for with `allows`. */
  | { readonly kind: 'when-resolved' };

/** Where a backend may be, whatever source names it: `ALLOWED_BACKENDS`. */
export interface AddressPolicy {
  /**
   * Whether a connection to this address may be made. `hostname` is the name that it was resolved from: a listed
   * name opens every address but those that are always refused. Anything but a plain IPv4 or IPv6 address is refused.
   */
  allows(address: string, hostname?: string): boolean;
  /** Judges the host of a URL (IPv6 with or without brackets): a literal at once, a name as far as the rules name it. */
  allowsHost(hostname: string): HostVerdict;
}

/**
 * Reads a comma-separated list of networks (`10.0.0.0/8`), addresses, host names and name endings (`*.internal`).
 * It takes the place of the default, it does not add to it; blank means the default.
 * Link-local and cloud metadata addresses, multicast and `0.0.0.0/8` stay refused under any list, also written as
 * IPv6 (mapped, NAT64, 6to4).
 *
 * @default loopback and private ranges: 127/8, 10/8, 172.16/12, 192.168/16, 100.64/10, ::1, fc00::/7
 * @throws PoolError `POOL_INVALID_OPTIONS` naming the item that is none of these
 */
export function parseAllowedBackends(text = ''): AddressPolicy {
  const given = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  const rules = (given.length === 0 ? DEFAULT_RANGES : given).map(parseRule);
  const ranges = rules.flatMap((rule) => (rule.kind === 'range' ? [rule.range] : []));
  const isListedName = (name: string) =>
    rules.some(
      (rule) =>
        (rule.kind === 'name' && rule.name === name) ||
        (rule.kind === 'ending' && name.endsWith(rule.ending)),
    );

  const allows = (address: string, hostname?: string): boolean => {
    const parsed = parseAddress(address);
    if (parsed === undefined || isAlwaysRefused(parsed)) return false;
    return isInside(parsed, ranges) || (hostname !== undefined && isListedName(normalName(hostname)));
  };
  return {
    allows,
    allowsHost(hostname) {
      const host = normalName(hostname);
      if (parseAddress(host) === undefined) {
        return isListedName(host) ? { kind: 'allowed' } : { kind: 'when-resolved' };
      }
      return allows(host)
        ? { kind: 'allowed' }
        : { kind: 'refused', reason: `${host} is not in ALLOWED_BACKENDS (${describe(given)})` };
    },
  };
}

/** No limit at all: for a program that names its backends itself. */
export const ANY_ADDRESS: AddressPolicy = { allows: () => true, allowsHost: () => ({ kind: 'allowed' }) };

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];
type Rule =
  | { readonly kind: 'range'; readonly range: Range }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'ending'; readonly ending: string };

const DEFAULT_RANGES: readonly string[] = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '::1/128',
  'fc00::/7',
];

// Credentials of the machine itself are handed out at link-local addresses, and by some clouds inside
// private ranges (fd00:ec2:: on EC2, fd20:ce::254 on Google, 100.100.100.200 on Alibaba).
const ALWAYS_REFUSED: readonly Range[] = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '100.100.100.200/32',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '::/128',
  'fe80::/10',
  'ff00::/8',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
].map((cidr) => ipaddr.parseCIDR(cidr));

function parseRule(item: string): Rule {
  const range = parseRange(item);
  if (range !== undefined) {
    if (ALWAYS_REFUSED.some((refused) => isInside(range[0], [refused]) && range[1] >= refused[1])) {
      throw invalidItem(item, 'it is always refused, listing it has no effect');
    }
    return { kind: 'range', range };
  }
  const name = item.toLowerCase().replace(/\.$/, '');
  if (!HOST_NAME.test(name)) {
    throw invalidItem(item, 'give networks, addresses, host names or *.endings, without scheme or port');
  }
  return name.startsWith('*.') ? { kind: 'ending', ending: name.slice(1) } : { kind: 'name', name };
}

// The last label holds a letter and does not begin with a digit: `127.1` and `0x7f.1` are addresses to some readers.
const HOST_NAME = /^(\*\.)?([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z_]([a-z0-9_-]*[a-z0-9_])?$/;

function parseRange(item: string): Range | undefined {
  const [address = '', bits, ...rest] = item.split('/');
  const parsed = parseAddress(withoutBrackets(address));
  if (parsed === undefined || rest.length > 0) return undefined;
  const widest = parsed.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return [parsed, widest];
  if (!/^\d{1,3}$/.test(bits)) return undefined;
  // A mapped network (::ffff:10.0.0.0/104) has become IPv4, so its length loses the 96 bits of the prefix.
  const length = address.includes(':') && widest === 32 ? Number(bits) - 96 : Number(bits);
  return length >= 0 && length <= widest ? [parsed, length] : undefined;
}

/** Reads an address in its usual forms only; an IPv4 address mapped into IPv6 becomes the IPv4 address. */
function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (!ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function isInside(address: Address, ranges: readonly Range[]): boolean {
  return ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
}

function isAlwaysRefused(address: Address): boolean {
  const forms = 'parts' in address ? [address, ...carriedIpv4(address)] : [address];
  return forms.some((form) => isInside(form, ALWAYS_REFUSED));
}

/** The IPv4 address that a translator or tunnel would send this IPv6 address on to, if any. */
function carriedIpv4(address: ipaddr.IPv6): readonly ipaddr.IPv4[] {
  const bytes = address.toByteArray();
  const prefix = address.parts.slice(0, 6).join();
  if (prefix === NAT64_PREFIX) return [new ipaddr.IPv4(bytes.slice(12))];
  if (address.parts[0] === 0x2002) return [new ipaddr.IPv4(bytes.slice(2, 6))];
  const isLoopback = address.range() === 'loopback';
  return prefix === COMPATIBLE_PREFIX && !isLoopback ? [new ipaddr.IPv4(bytes.slice(12))] : [];
}

const NAT64_PREFIX = [0x64, 0xff9b, 0, 0, 0, 0].join();
const COMPATIBLE_PREFIX = [0, 0, 0, 0, 0, 0].join();

/** The host as WHATWG URLs spell it: `0x7f.1` is `127.0.0.1`, names are in lower case. */
function normalName(hostname: string): string {
  const bare = withoutBrackets(hostname);
  const url = URL.parse(`http://${bare.includes(':') ? `[${bare}]` : bare}/`);
  return withoutBrackets(url?.hostname ?? bare.toLowerCase()).replace(/\.$/, '');
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function describe(given: readonly string[]): string {
  return given.length === 0 ? 'by default loopback and private ranges' : given.join(', ');
}

function invalidItem(item: string, problem: string): PoolError {
  return new PoolError('POOL_INVALID_OPTIONS', `ALLOWED_BACKENDS: ${JSON.stringify(item)}: ${problem}`);
}
