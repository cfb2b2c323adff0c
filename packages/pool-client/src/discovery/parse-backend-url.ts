import type { z } from 'zod';
import { PoolError } from '../errors.ts';
import { routeOf } from './backend-route.ts';
import {
  backendSpecSchema,
  describeIssues,
  type ListedBackendSpec,
  listedBackendSchema,
} from './backend-spec.ts';
import { fieldsOfSuffixes } from './backend-suffixes.ts';
import {
  type BackendSettings,
  type BackendTarget,
  type DirectTarget,
  type DnsTarget,
  defaultId,
} from './backend-target.ts';

/**
 * Reads the value of `DJL_URLS`: backends with commas between, blanks around them ignored. A comma or semicolon that
 * belongs to a URL is written `%2C` or `%3B`.
 *
 * @throws PoolError `POOL_INVALID_OPTIONS` naming the entry, what is wrong with it and what is allowed
 */
export function parseBackendList(text: string): readonly BackendTarget[] {
  return parseBackends(
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );
}

/**
 * Reads backends given one by one, as URLs or as objects like {@link BackendSpec}.
 *
 * @throws PoolError `POOL_INVALID_OPTIONS` as {@link parseBackendList} does, also when two have the same id
 */
export function parseBackends(inputs: readonly unknown[]): readonly BackendTarget[] {
  const places = new Map<string, number>();
  return inputs.map((input, index) => {
    const where = `backend ${index + 1}`;
    const target = parseBackend(input, where);
    const id = identityOf(target);
    const earlier = places.get(id);
    if (earlier !== undefined) {
      throw invalid(where, quote(input), `it is the same as backend ${earlier}: both are ${id}`);
    }
    places.set(id, index + 1);
    return target;
  });
}

/**
 * Reads one backend: a URL with suffixes, or an object like {@link BackendSpec}. `where` begins the error's message.
 *
 * @throws PoolError `POOL_INVALID_OPTIONS`; credentials in a URL are never repeated in its message
 */
export function parseBackend(input: unknown, where = 'backend'): BackendTarget {
  return parseBy(backendSpecSchema, typeof input === 'string' ? { url: input } : input, where, quote(input));
}

/**
 * Reads one item of a list that others keep: as {@link parseBackend}, with a `state`, unknown fields ignored.
 *
 * @throws PoolError `POOL_INVALID_OPTIONS`
 */
export function parseListedBackend(input: unknown, where: string): BackendTarget {
  return parseBy(listedBackendSchema, input, where, quote(input));
}

function parseBy(
  schema: z.ZodType<ListedBackendSpec>,
  input: unknown,
  where: string,
  quoted: string,
): BackendTarget {
  const fail = (problem: string) => invalid(where, quoted, problem);
  const parsed = schema.safeParse(fieldsOfSuffixes(input, fail));
  if (!parsed.success) throw fail(describeIssues(parsed.error));
  const spec = parsed.data;
  const url = parseUrl(spec.url.replace(DNS_PREFIX, ''), fail);
  // Routed for a name as well, so that a wrong path is a wrong setting and not a late surprise.
  const target = routeToTarget(url, spec, fail);
  if (!DNS_PREFIX.test(spec.url)) return target;
  if (spec.id !== undefined) throw fail('a dns+ name stands for many backends, it cannot have one id');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const model = spec.model === undefined ? {} : { model: spec.model };
  return { kind: 'dns', name: { host, url: url.href, ...model, ...settingsOf(spec) } };
}

const DNS_PREFIX = /^dns\+/i;

/** The backend or server that one address of a name is; `address` without brackets. */
export function targetAtAddress(name: DnsTarget, address: string): DirectTarget {
  const { host, url, ...spec } = name;
  const atAddress = new URL(url);
  atAddress.hostname = address.includes(':') ? `[${address}]` : address;
  return routeToTarget(atAddress, spec, (problem) => invalid(host, address, problem));
}

type Fail = (problem: string) => PoolError;

function routeToTarget(url: URL, spec: Omit<ListedBackendSpec, 'url'>, fail: Fail): DirectTarget {
  const settings = settingsOf(spec);
  const route = routeOf(url, settings.protocol, spec.model);
  switch (route.kind) {
    case 'invalid':
      throw fail(route.problem);
    case 'server':
      return {
        kind: 'expand',
        server: { url: route.url, ...(spec.id !== undefined && { id: spec.id }), ...settings },
      };
    case 'model': {
      const id = spec.id ?? defaultId(route.url, route.model);
      return { kind: 'entry', entry: { id, url: route.url, model: route.model, ...settings } };
    }
  }
}

function settingsOf(spec: Omit<ListedBackendSpec, 'url'>): BackendSettings {
  return {
    class: spec.class ?? 'default',
    protocol: spec.protocol ?? 'djl',
    maxBatch: spec.maxBatch ?? 256,
    concurrency: spec.concurrency ?? 8,
    state: spec.state ?? 'ready',
  };
}

function parseUrl(text: string, fail: Fail): URL {
  const url = URL.parse(text);
  if (url === null) throw fail('it is not a URL; write http://host:port/predictions/model');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw fail(`${url.protocol}// is none of http://, https://, dns+http:// and dns+https://`);
  }
  if (url.username !== '' || url.password !== '') {
    throw fail('it has credentials in it; ids and URLs of backends are shown, so they are not taken');
  }
  if (url.search !== '' || url.hash !== '') {
    throw fail('it has a query or a fragment; model servers read a query as part of the input');
  }
  if (url.port === '0') throw fail('port 0 cannot be connected to');
  return url;
}

/** What no two backends of a list may share. */
function identityOf(target: BackendTarget): string {
  switch (target.kind) {
    case 'entry':
      return target.entry.id;
    case 'expand':
      return target.server.id ?? target.server.url;
    case 'dns':
      return `dns+${target.name.url}${target.name.model === undefined ? '' : `;model=${target.name.model}`}`;
  }
}

/** The input as it stands in a message: shortened, and without the credentials that it may hold. */
function quote(input: unknown): string {
  const text = JSON.stringify(input) ?? String(input);
  const safe = text.replace(/\/\/[^\s"]*@/g, '//***@');
  return safe.length <= 200 ? safe : `${safe.slice(0, 200)}…`;
}

function invalid(where: string, what: string, problem: string): PoolError {
  // What stands before an @ may be a password, wherever its punctuation has put it.
  return new PoolError('POOL_INVALID_OPTIONS', `${where} (${what}): ${problem.replace(/\S*@/g, '***@')}`);
}
