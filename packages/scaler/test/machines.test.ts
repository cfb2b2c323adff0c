import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { openSqliteStore } from '../src/store/sqlite-store.ts';
import { decision, group, NOW_MS, replica, startApi } from './api-under-test.ts';

it('lists replicas whose address is known, and priorities as weights', async () => {
  await using api = await startApi({
    groups: () => [group(), group({ name: 'gpu', class: 'gpu' })],
  });
  const { url: _, ...withoutUrl } = replica('new', { state: { kind: 'launching' } });
  const draining = { kind: 'draining', sinceMs: NOW_MS, deadlineMs: NOW_MS + 1 } as const;
  api.commit(decision(), [
    withoutUrl,
    replica('a', { state: { kind: 'launching' } }),
    replica('b'),
    replica('c', { state: draining }),
    replica('d', { state: { kind: 'terminating', sinceMs: NOW_MS, cause: 'empty', because: 'empty' } }),
  ]);
  api.commit(decision({ group: 'gpu' }), [replica('g', { group: 'gpu' })]);
  api.store.putPriority({ id: 'search', priority: 8, resourceAllocation: 30 });
  const listed = (id: string, state: string, className = 'cpu') => ({
    id,
    url: `http://127.0.0.1:9000/predictions/${id}`,
    class: className,
    state,
  });
  const answer = await api.call('/v1/backends');
  expect([answer.status, answer.headers['content-type'], answer.json()]).toEqual([
    200,
    'application/json',
    {
      backends: [
        listed('a', 'starting'),
        listed('b', 'ready'),
        listed('c', 'draining'),
        listed('d', 'draining'),
        listed('g', 'ready', 'gpu'),
      ],
      tenants: [{ id: 'search', weight: 4.525 }],
    },
  ]);
});

it('is empty, not an error, while there is nothing', async () => {
  await using api = await startApi();
  expect((await api.call('/v1/backends')).json()).toEqual({ backends: [], tenants: [] });
});

it('is alive at once and ready after the first tick', async () => {
  let ticked = false;
  await using api = await startApi({ ready: () => ticked });
  const alive = await api.call('/livez');
  expect([alive.status, alive.json()]).toEqual([200, { status: 'alive' }]);
  const before = await api.call('/readyz');
  ticked = true;
  const after = await api.call('/readyz');
  expect([before.status, before.json(), after.status, after.json()]).toEqual([
    503,
    { status: 'starting' },
    200,
    { status: 'ready' },
  ]);
});

it('answers HEAD as GET, without the body', async () => {
  await using api = await startApi();
  const head = await api.call('/livez', { method: 'HEAD' });
  expect([head.status, head.text]).toEqual([200, '']);
});

it('shows metrics as Prometheus text', async () => {
  await using api = await startApi();
  api.metrics.observeDecision(decision());
  const answer = await api.call('/metrics');
  expect([answer.status, answer.headers['content-type']]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  expect(answer.text).toContain('forebay_scaler_desired_replicas{group="default"} 3');
});

it.each([
  ['/scaling/status', 'POST', 'GET'],
  ['/scaling/decision', 'PUT', 'GET'],
  ['/scaling/scale', 'GET', 'POST, DELETE'],
  ['/scaling/config', 'DELETE', 'GET, PUT'],
  ['/scaling/priorities', 'PATCH', 'GET, POST'],
  ['/scaling/priorities/x', 'GET', 'DELETE'],
  ['/scaling/pause', 'GET', 'POST'],
  ['/v1/backends', 'POST', 'GET'],
  ['/livez', 'POST', 'GET'],
])('says of %s by %s that it is for %s', async (path, method, allow) => {
  await using api = await startApi();
  const answer = await api.call(path, { method });
  expect([answer.status, answer.headers.allow, answer.json()]).toEqual([
    405,
    allow,
    { error: { message: `${method} is not for ${path}`, code: 'method_not_allowed' } },
  ]);
});

it.each(['/', '/scaling', '/scaling/statuses', '/v1/backends/x', '/scaling/priorities/a/b'])(
  'doesn’t know %s',
  async (path) => {
    await using api = await startApi();
    const answer = await api.call(path);
    expect([answer.status, answer.json()]).toEqual([
      404,
      { error: { message: `there is no ${path}`, code: 'not_found' } },
    ]);
  },
);

const WITH_BODY = [
  ['POST', '/scaling/scale'],
  ['PUT', '/scaling/config'],
  ['POST', '/scaling/priorities'],
  ['POST', '/scaling/pause'],
] as const;

it.each(['{', '{"a":}', 'target_instances=5', '{"a":1}{', '\u0000'])(
  'answers the broken JSON %j with 400',
  async (body) => {
    await using api = await startApi();
    for (const [method, path] of WITH_BODY) {
      const answer = await api.call(path, { method, body });
      expect([path, answer.status, answer.json()]).toEqual([
        path,
        400,
        {
          error: { message: expect.stringMatching(/^the request can't be read: /), code: 'invalid_request' },
        },
      ]);
    }
  },
);

it.each(['[]', '"x"', '7', 'true', 'null', `${'['.repeat(30_000)}${']'.repeat(30_000)}`])(
  'answers JSON that is no object with 400',
  async (body) => {
    await using api = await startApi();
    for (const [method, path] of WITH_BODY) {
      if (path === '/scaling/pause' && body === 'null') continue;
      const answer = await api.call(path, { method, body });
      expect([path, answer.status, answer.json()]).toEqual([
        path,
        400,
        { error: { message: expect.stringContaining('must be a JSON object'), code: 'invalid_request' } },
      ]);
    }
  },
);

it('answers a value nested without end with 400', async () => {
  await using api = await startApi();
  const body = `{"target_instances":${'['.repeat(30_000)}${']'.repeat(30_000)},"reason":"x"}`;
  const answer = await api.call('/scaling/scale', { method: 'POST', body });
  expect([answer.status, answer.json()]).toMatchObject([400, { error: { field: 'target_instances' } }]);
});

it('needs a body where there is something to say', async () => {
  await using api = await startApi();
  for (const [method, path] of WITH_BODY.slice(0, 3)) {
    expect([path, (await api.call(path, { method })).status]).toEqual([path, 400]);
  }
});

it('takes 64 KiB and answers more with 413', async () => {
  await using api = await startApi();
  const send = (bytes: number) => {
    const frame = '{"target_instances":5,"reason":"x"}';
    const body = `${frame}${' '.repeat(bytes - frame.length)}`;
    return api.call('/scaling/scale', { method: 'POST', body });
  };
  expect((await send(65_536)).status).toBe(200);
  for (const bytes of [65_537, 1_000_000]) {
    const answer = await send(bytes);
    expect([answer.status, answer.json()]).toEqual([
      413,
      { error: { message: 'the body is over 65536 bytes', code: 'payload_too_large' } },
    ]);
  }
});

it('doesn’t unpack bodies, which could be larger than they look', async () => {
  await using api = await startApi();
  const body = gzipSync('{"target_instances":5,"reason":"x"}').toString('latin1');
  const headers = { 'content-encoding': 'gzip' };
  expect((await api.call('/scaling/scale', { method: 'POST', headers, body })).status).toBe(415);
});

it('is no proxy: a whole URL as target is refused', async () => {
  await using api = await startApi();
  const { port } = new URL(api.origin);
  const socket = connect(Number(port), '127.0.0.1');
  socket.end(
    'GET http://evil.example/scaling/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  );
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
});

it('answers 503 without a word of the fault when the state can’t be read, and logs it', async () => {
  const store = openSqliteStore(':memory:');
  await using api = await startApi({ store });
  store.close();
  for (const path of ['/scaling/status', '/scaling/decision', '/v1/backends']) {
    const answer = await api.call(path);
    expect([answer.status, answer.headers['retry-after'], answer.json()]).toEqual([
      503,
      '5',
      {
        error: { message: 'the state could not be read or written; the log says more', code: 'unavailable' },
      },
    ]);
  }
  expect(api.lines.join('')).toContain('SCALER_STORE');
  expect((await api.call('/livez')).status).toBe(200);
});
