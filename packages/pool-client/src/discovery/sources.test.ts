import { ManualClock } from '@forebay/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { TransportError, type TransportFactory } from '../wire/transport.ts';
import { type AddressPolicy, parseAllowedBackends } from './address-policy.ts';
import type { BackendSource, SourceDependencies, SourceSnapshot } from './backend-source.ts';
import { dnsSource } from './dns-source.ts';
import { fileSource } from './file-source.ts';
import { httpListSource } from './http-list-source.ts';
import { parseBackend, parseBackendList } from './parse-backend-url.ts';
import { sourcesOfBackends } from './sources-of-backends.ts';
import { staticSource } from './static-source.ts';

type Answer = { readonly status?: number; readonly body: unknown } | 'refused' | 'silent';

/** A network of servers by URL; what it has no answer for refuses the connection. */
class FakeNetwork {
  readonly answers = new Map<string, Answer>();
  readonly asked: { readonly url: string; readonly headers: Readonly<Record<string, string>> }[] = [];
  openTransports = 0;

  readonly factory: TransportFactory = (origin) => {
    this.openTransports += 1;
    return {
      send: async ({ path, headers, signal }) => {
        const url = origin + path;
        this.asked.push({ url, headers });
        const answer = this.answers.get(url) ?? 'refused';
        if (answer === 'refused') throw new TransportError('connect', `connect ECONNREFUSED ${origin}`);
        if (answer === 'silent') {
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
          throw new TransportError('aborted', 'aborted');
        }
        const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
        return { status: answer.status ?? 200, headers: {}, body: Buffer.from(text) };
      },
      close: async () => {
        this.openTransports -= 1;
      },
    };
  };

  /** Lets a DJL server list these models. */
  serve(origin: string, ...models: readonly string[]): void {
    this.answers.set(`${origin}/models`, { body: { models: models.map((modelName) => ({ modelName })) } });
  }

  countOf(url: string): number {
    return this.asked.filter((request) => request.url === url).length;
  }
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** Runs a source on a clock that stands still, and keeps what it reports. */
function watch(make: (dependencies: SourceDependencies) => BackendSource, policy?: AddressPolicy) {
  const clock = new ManualClock();
  const network = new FakeNetwork();
  const source = make({ clock, transportFactory: network.factory, policy: policy ?? parseAllowedBackends() });
  const abort = new AbortController();
  const snapshots: SourceSnapshot[] = [];
  let running: Promise<void> | undefined;
  const stop = async () => {
    abort.abort();
    await running;
  };
  return {
    clock,
    network,
    source,
    snapshots,
    stop,
    /** Begins, once the world is set up, and lets what can happen at once happen. */
    start: async () => {
      running = source.run((snapshot) => snapshots.push(snapshot), abort.signal);
      stops.push(stop);
      await clock.advance(0);
    },
    latest: () => brief(snapshots.at(-1)),
  };
}

/** A snapshot in a form that tests can show whole: entries as `id` or `id state`. */
function brief(snapshot: SourceSnapshot | undefined) {
  if (snapshot?.kind !== 'listed') return snapshot;
  const { entries, ...rest } = snapshot;
  return { ...rest, ids: entries.map(({ id, state }) => (state === 'ready' ? id : `${id} ${state}`)) };
}

function direct(text: string) {
  return parseBackendList(text).flatMap((target) => (target.kind === 'dns' ? [] : [target]));
}

describe('the static source', () => {
  const start = async (text: string, setUp: (network: FakeNetwork) => void = () => {}) => {
    const watched = watch((dependencies) => staticSource(direct(text), dependencies));
    setUp(watched.network);
    await watched.start();
    return watched;
  };

  it('knows its entries at once and asks nobody', async () => {
    const { latest, network, snapshots } = await start('http://127.0.0.1:1/predictions/m');
    expect(latest()).toEqual({ kind: 'listed', ids: ['127.0.0.1:1/m'], complete: true });
    expect([snapshots.length, network.asked.length]).toEqual([1, 0]);
  });

  it('is not complete until each server was asked for its models', async () => {
    const { snapshots } = await start('http://127.0.0.1:1/predictions/m,http://127.0.0.1:2', (network) =>
      network.serve('http://127.0.0.1:2', 'n', 'm'),
    );
    expect(snapshots.map(brief)).toEqual([
      { kind: 'listed', ids: ['127.0.0.1:1/m'], complete: false },
      { kind: 'listed', ids: ['127.0.0.1:1/m', '127.0.0.1:2/m', '127.0.0.1:2/n'], complete: true },
    ]);
  });

  it('says nothing while its only server is being asked, then that it is pending', async () => {
    const { snapshots, clock, latest } = await start('http://127.0.0.1:2', (network) =>
      network.answers.set('http://127.0.0.1:2/models', 'silent'),
    );
    expect(snapshots).toEqual([]);
    await clock.advance(3_000);
    expect(latest()).toEqual({
      kind: 'pending',
      reason: 'GET http://127.0.0.1:2/models gave no answer within 3000 ms',
    });
  });

  it('asks a failing server again after 250 ms, doubling up to 5 s, and from the start after an answer', async () => {
    const { clock, network } = await start('http://127.0.0.1:2');
    const url = 'http://127.0.0.1:2/models';
    const askedAtMs: number[] = [];
    for (let ms = 0; ms <= 25_000; ms += 250) {
      if (network.countOf(url) > askedAtMs.length) askedAtMs.push(ms);
      await clock.advance(250);
    }
    expect(askedAtMs).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 12_750, 17_750, 22_750]);
    network.serve('http://127.0.0.1:2', 'm');
    await clock.advance(5_000);
    network.answers.delete(url);
    await clock.advance(10_000);
    const before = network.countOf(url);
    await clock.advance(250);
    expect(network.countOf(url)).toBe(before + 1);
  });

  it('sees new models after 10 s, and keeps the last ones of a server that fails or lists none', async () => {
    const { clock, network, latest } = await start('http://127.0.0.1:2', (net) =>
      net.serve('http://127.0.0.1:2', 'm'),
    );
    network.serve('http://127.0.0.1:2', 'm', 'n');
    await clock.advance(9_999);
    expect(latest()).toEqual({ kind: 'listed', ids: ['127.0.0.1:2/m'], complete: true });
    await clock.advance(1);
    const both = { kind: 'listed', ids: ['127.0.0.1:2/m', '127.0.0.1:2/n'], complete: true };
    expect(latest()).toEqual(both);
    network.serve('http://127.0.0.1:2');
    await clock.advance(10_000);
    expect(latest()).toEqual({ ...both, problem: 'GET http://127.0.0.1:2/models lists no models' });
    network.answers.set('http://127.0.0.1:2/models', { status: 503, body: '' });
    await clock.advance(250);
    expect(latest()).toEqual({ ...both, problem: 'GET http://127.0.0.1:2/models answered 503' });
  });

  it('follows the pages of DJL, though not for ever', async () => {
    const { latest } = await start('http://127.0.0.1:2,http://127.0.0.1:3', ({ answers }) => {
      answers.set('http://127.0.0.1:2/models', {
        body: { models: [{ modelName: 'b' }], nextPageToken: '1' },
      });
      answers.set('http://127.0.0.1:2/models?next_page_token=1', { body: { models: [{ modelName: 'a' }] } });
      for (const query of ['', '?next_page_token=0']) {
        const body = { models: [{ modelName: 'c' }], nextPageToken: 0 };
        answers.set(`http://127.0.0.1:3/models${query}`, { body });
      }
    });
    expect(latest()).toEqual({
      kind: 'listed',
      ids: ['127.0.0.1:2/a', '127.0.0.1:2/b'],
      complete: true,
      problem: 'http://127.0.0.1:3 lists its models on more than 20 pages',
    });
  });

  it('asks OpenAI and TEI servers below their base path', async () => {
    const urls = 'http://127.0.0.1:2/api;protocol=openai,http://127.0.0.1:3/tei;protocol=tei';
    const { latest } = await start(urls, ({ answers }) => {
      answers.set('http://127.0.0.1:2/api/models', { body: { data: [{ id: 'm' }] } });
      answers.set('http://127.0.0.1:3/tei/info', { body: { model_id: 'org/m' } });
    });
    expect(latest()).toEqual({ kind: 'listed', ids: ['127.0.0.1:2/m', '127.0.0.1:3/org/m'], complete: true });
  });

  it('does not ask a server where no backend may be', async () => {
    const { latest, network, clock } = await start('http://169.254.169.254');
    await clock.advance(60_000);
    expect(network.asked).toEqual([]);
    expect(latest()).toMatchObject({
      kind: 'pending',
      reason: expect.stringContaining('169.254.169.254 is not in'),
    });
  });

  it('closes its connections when it is stopped, in the middle of a question too', async () => {
    const { network, stop, snapshots } = await start('http://127.0.0.1:2,http://127.0.0.1:3', (net) => {
      net.answers.set('http://127.0.0.1:2/models', 'silent');
    });
    expect(network.openTransports).toBe(2);
    await stop();
    expect([network.openTransports, snapshots.length]).toEqual([0, 0]);
  });
});

describe('the DNS source', () => {
  const start = async (text: string, addresses: string[], policy?: AddressPolicy) => {
    const lookups: string[] = [];
    const state = { addresses, hangs: false };
    const target = parseBackend(text);
    if (target.kind !== 'dns') throw new Error(`it is ${target.kind}`);
    const resolve = async (host: string) => {
      lookups.push(host);
      if (state.hangs) await new Promise(() => {});
      if (state.addresses.length === 0) throw new Error(`getaddrinfo ENOTFOUND ${host}`);
      return state.addresses;
    };
    const watched = watch((dependencies) => dnsSource(target.name, dependencies, resolve), policy);
    return { ...watched, lookups, state };
  };
  const url = 'dns+http://djl:8080/predictions/m';

  it('has one backend for each address, in a fixed order, looked up every 5 s', async () => {
    const {
      start: begin,
      latest,
      clock,
      state,
      lookups,
      snapshots,
    } = await start(url, ['10.0.0.2', 'fd00::1', '10.0.0.1']);
    await begin();
    const all = { kind: 'listed', complete: true, resolvedFrom: 'djl' };
    expect(latest()).toEqual({ ...all, ids: ['10.0.0.1:8080/m', '10.0.0.2:8080/m', '[fd00::1]:8080/m'] });
    state.addresses = ['fd00::1', '10.0.0.1', '10.0.0.2', '10.0.0.1'];
    await clock.advance(5_000);
    expect(snapshots).toHaveLength(1);
    state.addresses = ['10.0.0.3', 'fe80::1%eth0'];
    await clock.advance(4_999);
    expect(lookups).toEqual(['djl', 'djl']);
    await clock.advance(1);
    expect(latest()).toEqual({ ...all, ids: ['10.0.0.3:8080/m'] });
  });

  it('is pending until the name resolves, and keeps its last addresses when it no longer does', async () => {
    const { start: begin, latest, clock, state } = await start(url, []);
    await begin();
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
    const { start: begin, latest, clock, state, stop } = await start(url, ['10.0.0.1']);
    state.hangs = true;
    await begin();
    await clock.advance(5_000);
    expect(latest()).toEqual({ kind: 'pending', reason: 'djl was not resolved within 5000 ms' });
    await clock.advance(5_000);
    await stop();
    expect(clock.pendingSleeps).toBe(0);
  });

  it('asks each address for its models where the URL names none', async () => {
    const { start: begin, latest, network } = await start('dns+http://djl:8080', ['10.0.0.1', '10.0.0.2']);
    network.serve('http://10.0.0.1:8080', 'm');
    await begin();
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
    const { start: begin, network } = await start(
      'dns+http://djl:8080',
      addresses,
      parseAllowedBackends('djl'),
    );
    await begin();
    expect(network.asked.map((request) => request.url)).toEqual(['http://203.0.113.1:8080/models']);
  });
});

describe.each(['file', 'http'])('the %s list', (kind) => {
  const listUrl = 'http://10.9.9.9:8090/v1/backends';
  const start = async (content: unknown) => {
    const disk = { text: '', stamp: 0, exists: false, reads: 0 };
    const file = {
      stamp: async () => {
        if (!disk.exists) throw new Error('ENOENT: no such file');
        return String(disk.stamp);
      },
      read: async () => {
        disk.reads += 1;
        return disk.text;
      },
    };
    const watched = watch((dependencies) =>
      kind === 'file'
        ? fileSource('/etc/backends.json', dependencies, file)
        : httpListSource({ url: listUrl, token: 's3cret' }, dependencies),
    );
    /** Sets what the list says; `undefined` takes it away. */
    const put = (value: unknown) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      disk.exists = text !== undefined;
      disk.text = text ?? '';
      disk.stamp += 1;
      watched.network.answers.set(listUrl, text === undefined ? 'refused' : { body: text });
    };
    put(content);
    await watched.start();
    return { ...watched, put, disk };
  };
  const backends = (...items: readonly [id: string, state?: string][]) => ({
    backends: items.map(([id, state]) => ({ id, url: `http://10.0.0.1:80/predictions/${id}`, state })),
  });

  it('follows the list second by second, with states and tenants', async () => {
    const { latest, clock, put } = await start(backends(['a'], ['b', 'starting']));
    const listed = { kind: 'listed', complete: true, tenants: [] };
    expect(latest()).toEqual({ ...listed, ids: ['a', 'b starting'] });
    put({ ...backends(['a', 'draining'], ['b']), tenants: [{ id: 't', weight: 2 }] });
    await clock.advance(1_000);
    expect(latest()).toEqual({ ...listed, ids: ['a draining', 'b'], tenants: [{ id: 't', weight: 2 }] });
  });

  it('is pending while the list is unread, then while it is empty, but not when it becomes empty', async () => {
    const { latest, clock, put } = await start(undefined);
    expect(latest()).toMatchObject({ kind: 'pending', reason: expect.stringMatching(/ENOENT|ECONNREFUSED/) });
    put({ backends: [] });
    await clock.advance(1_000);
    expect(latest()).toEqual({ kind: 'pending', reason: 'its list is empty', tenants: [] });
    put(backends(['a']));
    await clock.advance(1_000);
    put({ backends: [] });
    await clock.advance(1_000);
    expect(latest()).toEqual({ kind: 'listed', ids: [], complete: true, tenants: [] });
  });

  it.each([
    ['gone', undefined, /ENOENT|ECONNREFUSED/],
    ['cut off', '{"backends": [', /it is not JSON/],
    ['wrong in one field', { backends: [{ id: 'a' }] }, /backends\[0\].*: url must be a URL/],
  ])('keeps the last list while it is %s, and says so', async (_name, content, problem) => {
    const { latest, clock, put } = await start(backends(['a']));
    put(content);
    await clock.advance(1_000);
    const kept = { kind: 'listed', ids: ['a'], complete: true, tenants: [] };
    expect(latest()).toEqual({ ...kept, problem: expect.stringMatching(problem) });
    put(backends(['b']));
    await clock.advance(1_000);
    expect(latest()).toEqual({ ...kept, ids: ['b'] });
  });

  it('asks a server without a path for its models, and keeps them over a change of its state', async () => {
    const { latest, clock, put, network } = await start({ backends: [] });
    network.serve('http://10.0.0.1', 'm');
    put({ backends: [{ id: 'r1', url: 'http://10.0.0.1', state: 'ready' }] });
    await clock.advance(1_000);
    expect(latest()).toMatchObject({ ids: ['r1'] });
    put({ backends: [{ id: 'r1', url: 'http://10.0.0.1', state: 'draining' }] });
    network.answers.delete('http://10.0.0.1/models');
    await clock.advance(1_000);
    expect(latest()).toMatchObject({ ids: ['r1 draining'] });
    expect(network.countOf('http://10.0.0.1/models')).toBe(1);
    put({ backends: [] });
    await clock.advance(1_000);
    expect(network.openTransports).toBe(kind === 'http' ? 1 : 0);
  });

  it('is pending without a complaint while its servers are starting', async () => {
    const { latest } = await start({ backends: [{ url: 'http://10.0.0.1', state: 'starting' }] });
    expect(latest()).toEqual({ kind: 'pending', reason: 'its backends are still starting', tenants: [] });
  });

  it.runIf(kind === 'file')('reads the file only when it has changed', async () => {
    const { clock, disk, put } = await start(backends(['a']));
    await clock.advance(10_000);
    expect(disk.reads).toBe(1);
    put('half a fi');
    await clock.advance(3_000);
    expect(disk.reads).toBe(4);
  });

  it.runIf(kind === 'http')('sends its token, and asks from start to start, 3 s at most', async () => {
    const { clock, network, latest } = await start(backends(['a']));
    expect(network.asked[0]?.headers).toMatchObject({ authorization: 'Bearer s3cret' });
    network.answers.set(listUrl, { status: 401, body: '' });
    await clock.advance(1_000);
    expect(latest()).toMatchObject({ ids: ['a'], problem: `GET ${listUrl} answered 401` });
    network.answers.set(listUrl, 'silent');
    await clock.advance(1_000);
    network.answers.set(listUrl, { body: backends(['b']) });
    await clock.advance(2_999);
    expect(latest()).toMatchObject({ ids: ['a'], problem: `GET ${listUrl} answered 401` });
    await clock.advance(1);
    expect(latest()).toEqual({ kind: 'listed', ids: ['b'], complete: true, tenants: [] });
  });
});

describe('the URL of a list', () => {
  it.each(['ftp://h/x', 'h:80', 'http://u:hunter2@h/'])('is refused: %s', (url) => {
    expect(() => watch((dependencies) => httpListSource({ url }, dependencies))).toThrow(
      /^(?!.*hunter2)BACKENDS_URL/,
    );
  });

  it('is shown without its query', () => {
    const { source } = watch((dependencies) => httpListSource({ url: 'http://h/x?key=1' }, dependencies));
    expect(source.name).toBe('list http://h/x');
  });
});

it('makes one source of all that is set and one of each name', () => {
  const targets = parseBackendList(
    'http://a:1,dns+http://b:1;model=m,http://c:1/predictions/m,dns+http://b:2',
  );
  const names = (texts: typeof targets) => {
    const dependencies = { clock: new ManualClock(), transportFactory: new FakeNetwork().factory };
    const sources = sourcesOfBackends(texts, { ...dependencies, policy: parseAllowedBackends() });
    return sources.map((source) => source.name);
  };
  expect(names(targets)).toEqual(['static', 'dns+http://b:1/;model=m', 'dns+http://b:2/']);
  expect(names([])).toEqual([]);
});
