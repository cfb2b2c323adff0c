import { ManualClock } from '@forebay/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileSource } from './file-source.ts';
import { httpListSource } from './http-list-source.ts';
import { watchSource } from './watched-source.test-support.ts';

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
    const watched = watchSource(new ManualClock(), (dependencies) =>
      kind === 'file'
        ? fileSource('/etc/backends.json', dependencies, file)
        : httpListSource({ url: listUrl, token: 's3cret' }, dependencies),
    );
    onTestFinished(watched.stop);
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

  it('leaves no connection and no sleep behind when it is stopped', async () => {
    const { clock, network, stop } = await start({ backends: [{ id: 'r1', url: 'http://10.0.0.1' }] });
    await stop();
    expect([network.openTransports, clock.pendingSleeps]).toEqual([0, 0]);
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
    // The pause before the next question; none is left over from a question's time limit.
    expect(clock.pendingSleeps).toBe(1);
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
    expect(() =>
      watchSource(new ManualClock(), (dependencies) => httpListSource({ url }, dependencies)),
    ).toThrow(/^(?!.*hunter2)BACKENDS_URL/);
  });

  it('is shown without its query', () => {
    const { source } = watchSource(new ManualClock(), (dependencies) =>
      httpListSource({ url: 'http://h/x?key=1' }, dependencies),
    );
    expect(source.name).toBe('list http://h/x');
  });
});
