import { PRIORITIES, type Priority } from '@forebay/pool-client';
import { type GatewayError, invalidRequest } from '../errors.ts';
import { atMostPriority } from './at-most-priority.ts';
import type { Allowed } from './authorize.ts';

/** Longest time that timers can count: 2³¹ − 1 ms, nearly 25 days. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const DEFAULT_TENANT = 'default';

/** What a request's headers ask for, held down to what its key allows. */
export interface RequestOptions {
  readonly kind: 'options';
  /** The caller's own deadline, from now; `undefined` leaves it to REQUEST_TIMEOUT_MS. */
  readonly timeoutMs: number | undefined;
  readonly priority: Priority;
  /** The key's, else the header's, else `default`. */
  readonly tenant: string;
  /** Whose chunks `ip-hash` keeps on one backend: the key's id, else the caller's address. */
  readonly affinity: string;
  /** The tenant's share against others. @default 1 */
  readonly weight: number;
  /** Whether vectors are wanted although other texts of the request failed. @default false */
  readonly partial: boolean;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Reads `x-request-timeout-ms`, `x-forebay-priority`, `x-priority`, `x-forebay-tenant` and `x-forebay-partial`; wrong ones are
 * refused.
 */
export function requestOptions(
  headers: Headers,
  allowed: Allowed,
  remoteAddress: string,
): RequestOptions | GatewayError {
  const timeout = readTimeout(headers['x-request-timeout-ms']);
  if ('kind' in timeout) return timeout;
  const priority = readPriority(headers);
  if (typeof priority === 'object') return priority;
  const tenant = readTenant(headers['x-forebay-tenant'], allowed);
  if (typeof tenant === 'object') return tenant;
  const partial = readPartial(headers['x-forebay-partial']);
  if (typeof partial === 'object') return partial;
  return {
    kind: 'options',
    timeoutMs: timeout.timeoutMs,
    priority: atMostPriority(priority, allowed.key?.maxPriority ?? 'interactive'),
    tenant,
    affinity: allowed.key?.id ?? remoteAddress,
    weight: allowed.key?.weight ?? 1,
    partial,
  };
}

function readTimeout(header: Headers[string]): { readonly timeoutMs: number | undefined } | GatewayError {
  if (header === undefined) return { timeoutMs: undefined };
  const timeoutMs = typeof header === 'string' && /^\d+$/.test(header) ? Number(header) : 0;
  if (timeoutMs >= 1) return { timeoutMs: Math.min(timeoutMs, LONGEST_TIMEOUT_MS) };
  return wrongHeader('x-request-timeout-ms', 'a positive integer of milliseconds', header);
}

function readPriority(headers: Headers): Priority | GatewayError {
  const own = headers['x-forebay-priority'];
  if (own !== undefined) {
    const named = PRIORITIES.find((priority) => priority === String(own).trim().toLowerCase());
    return named ?? wrongHeader('x-forebay-priority', `one of ${PRIORITIES.join(', ')}`, own);
  }
  const djl = headers['x-priority'];
  if (djl === undefined) return 'default';
  if (!/^\s*[+-]?\d+\s*$/.test(String(djl))) return wrongHeader('x-priority', 'an integer', djl);
  const rank = Number(djl);
  if (rank === 3) return 'default';
  return rank < 3 ? 'interactive' : 'bulk';
}

function readTenant(header: Headers[string], allowed: Allowed): string | GatewayError {
  if (allowed.key !== undefined) return allowed.key.tenant;
  if (header === undefined || !allowed.tenantHeaderBelieved) return DEFAULT_TENANT;
  const tenant = String(header).trim();
  if (/^[\x20-\x7e]{1,128}$/.test(tenant)) return tenant;
  return wrongHeader('x-forebay-tenant', '1 to 128 printable ASCII characters', header);
}

function readPartial(header: Headers[string]): boolean | GatewayError {
  if (header === undefined) return false;
  if (String(header).trim().toLowerCase() === 'true') return true;
  return wrongHeader('x-forebay-partial', 'true, or left out', header);
}

function wrongHeader(name: string, must: string, header: Headers[string]): GatewayError {
  return invalidRequest(`${name} must be ${must}, got ${JSON.stringify(String(header).slice(0, 100))}`, name);
}
