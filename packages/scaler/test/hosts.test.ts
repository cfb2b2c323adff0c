import { describe, expect, it } from 'vitest';
import { decision, NOW_MS, replica, startApi } from './api-under-test.ts';

type Api = Awaited<ReturnType<typeof startApi>>;

const post = (api: Api, id: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  api.call(`/v1/hosts/${id}`, { method: 'POST', body, headers });

describe('POST /v1/hosts/{id}', () => {
  it('keeps what a host says, asks for a tick where that is news, and answers what is known of it', async () => {
    await using api = await startApi();
    api.commit(decision(), [
      replica('cpu-1', {
        state: { kind: 'draining', sinceMs: NOW_MS - 5_000, deadlineMs: NOW_MS + 60_000 },
      }),
    ]);
    const answer = await post(api, 'cpu-1', { state: 'ready', url: 'http://10.0.0.1:8080' });
    expect([answer.status, answer.json()]).toEqual([
      200,
      {
        known: true,
        id: 'cpu-1',
        group: 'default',
        state: 'draining',
        state_seconds: 5,
        deadline_seconds: 60,
        because: null,
        url: 'http://127.0.0.1:9000/predictions/cpu-1',
        machine: null,
        age_seconds: 0,
      },
    ]);
    expect(api.store.reports(0)).toEqual([
      {
        about: 'cpu-1',
        kind: 'ready',
        because: 'it says that it is ready',
        url: 'http://10.0.0.1:8080',
        atMs: NOW_MS,
      },
    ]);
    // A host that drains and says that it is ready says nothing new.
    expect(api.wakes()).toBe(0);
    await post(api, 'cpu-1', { state: 'leaving', deadline_seconds: 30 });
    expect(api.wakes()).toBe(1);
  });

  it('keeps the newest of each kind, with a deadline as a time', async () => {
    await using api = await startApi();
    api.commit(decision(), [replica('cpu-1')]);
    await post(api, 'cpu-1', { state: 'unhealthy', because: 'no memory' });
    await api.clock.advance(1_000);
    await post(api, 'cpu-1', { state: 'unhealthy', because: 'no disk' });
    await post(api, 'cpu-1', { state: 'leaving', because: 'spot', deadline_seconds: 120 });
    await post(api, 'cpu-1', { state: 'leaving', because: 'advice, which says nothing new any more' });
    const atMs = NOW_MS + 1_000;
    expect(api.store.reports(0)).toEqual([
      { about: 'cpu-1', kind: 'leaving', because: 'spot', atMs, deadlineMs: atMs + 120_000 },
      { about: 'cpu-1', kind: 'unhealthy', because: 'no disk', atMs },
    ]);
  });

  it('keeps what a host says that no group knows yet, and says so', async () => {
    await using api = await startApi();
    const answer = await post(api, 'i-0123456789abcdef0', { state: 'ready' });
    expect([answer.status, answer.json()]).toEqual([202, { known: false, id: 'i-0123456789abcdef0' }]);
    expect(api.store.reports(0).map(({ about }) => about)).toEqual(['i-0123456789abcdef0']);
  });

  it('takes an id percent-encoded, such as the ARN of a task', async () => {
    await using api = await startApi();
    const arn = 'arn:aws:ecs:eu-west-1:1:task/c/0a1b';
    const answer = await post(api, encodeURIComponent(arn), { state: 'ready' });
    expect([answer.status, answer.json()]).toEqual([202, { known: false, id: arn }]);
  });

  it('keeps no more than a thousand ids that no group knows; those known and those kept are heard all the same', async () => {
    await using api = await startApi();
    api.commit(decision(), [replica('cpu-1')]);
    for (let i = 0; i < 1_000; i += 1) {
      api.store.putReport({ about: `stranger-${i}`, kind: 'ready', because: 'b', atMs: NOW_MS });
    }
    const refused = await post(api, 'one-more', { state: 'ready' });
    expect([refused.status, refused.headers['retry-after'], refused.json()]).toEqual([
      429,
      '60',
      { error: { code: 'too_many_requests', message: expect.stringContaining('"one-more" is not kept') } },
    ]);
    expect((await post(api, 'stranger-7', { state: 'unhealthy' })).status).toBe(202);
    expect((await post(api, 'cpu-1', { state: 'unhealthy' })).status).toBe(200);
    expect(api.store.reports(0).length).toBe(1_002);
  });

  it.each([
    [{}, 'state', 'state must be "ready", "unhealthy" or "leaving"; it is missing'],
    [{ state: 'gone' }, 'state', 'state must be "ready", "unhealthy" or "leaving"; got "gone"'],
    [{ state: 'ready', because: ' ' }, 'because', 'because must be a text of 1 to 500 characters; got " "'],
    [{ state: 'ready', because: 'x'.repeat(501) }, 'because', expect.stringContaining('1 to 500')],
    [{ state: 'ready', url: 'ftp://x' }, 'url', expect.stringContaining('got "ftp://x"')],
    [{ state: 'ready', url: 'http://me:key@x' }, 'url', expect.stringContaining('without a user')],
    [
      { state: 'unhealthy', url: 'http://x' },
      'url',
      'url goes with state "ready" only; state is "unhealthy"',
    ],
    [{ state: 'leaving', deadline_seconds: -1 }, 'deadline_seconds', expect.stringContaining('got -1')],
    [
      { state: 'ready', deadline_seconds: 5 },
      'deadline_seconds',
      'deadline_seconds goes with state "leaving" only; state is "ready"',
    ],
    [{ state: 'ready', stat: 1 }, 'stat', 'there is no field "stat": did you mean state?'],
  ])('refuses %j and keeps nothing', async (body, field, message) => {
    await using api = await startApi();
    const answer = await post(api, 'cpu-1', body);
    expect([answer.status, answer.json()]).toEqual([
      400,
      { error: { code: 'invalid_request', field, message } },
    ]);
    expect([api.store.reports(0), api.wakes()]).toEqual([[], 0]);
  });

  it.each([['a%20b'], ['%00'], ['x'.repeat(257)], ['%C3%A4']])('refuses the id %s', async (id) => {
    await using api = await startApi();
    const answer = await post(api, id, { state: 'ready' });
    expect(answer.json()).toMatchObject({ error: { field: 'id' } });
    expect([answer.status, api.store.reports(0)]).toEqual([400, []]);
  });

  it.each(['', '[]', '"ready"', '{'])('refuses the body %j', async (body) => {
    await using api = await startApi();
    expect((await post(api, 'cpu-1', body)).status).toBe(400);
    expect(api.store.reports(0)).toEqual([]);
  });
});

describe('who may report', () => {
  const report = { state: 'ready' };

  it('is a host with the token, or an admin, beyond loopback and with any Host', async () => {
    await using api = await startApi({
      access: { hostsToken: 'inn', adminKey: 'chief', onLoopback: false },
    });
    for (const [token, status] of [
      ['inn', 202],
      ['chief', 202],
      ['in', 401],
      ['inn2', 401],
    ] as const) {
      const headers = { authorization: `Bearer ${token}`, host: 'scaler.example' };
      expect([token, (await post(api, 'a', report, headers)).status]).toEqual([token, status]);
    }
    const refused = await post(api, 'a', report);
    expect([refused.status, refused.headers['www-authenticate'], refused.json()]).toEqual([
      401,
      'Bearer realm="forebay-scaler"',
      {
        error: {
          code: 'unauthorized',
          message: 'this needs the token of hosts: send HOSTS_TOKEN as Authorization: Bearer TOKEN',
        },
      },
    ]);
  });

  it('needs the token on loopback too, once one is set', async () => {
    await using api = await startApi({ access: { hostsToken: 'inn' } });
    expect((await post(api, 'a', report)).status).toBe(401);
    expect((await post(api, 'a', report, { authorization: 'Bearer inn' })).status).toBe(202);
  });

  it('is nobody else: the token opens neither the list of hosts nor anything of an admin', async () => {
    await using api = await startApi({
      access: { hostsToken: 'inn', adminKey: 'chief', backendsToken: 'gate' },
    });
    const headers = { authorization: 'Bearer inn' };
    for (const path of ['/v1/hosts', '/v1/backends', '/scaling/status'])
      expect((await api.call(path, { headers })).status).toBe(401);
    expect((await post(api, 'a', report, { authorization: 'Bearer gate' })).status).toBe(401);
  });

  it('without a token is who may write: on loopback everyone but a web page, beyond it nobody', async () => {
    await using api = await startApi();
    expect((await post(api, 'a', report)).status).toBe(202);
    expect((await post(api, 'a', report, { host: 'evil.example' })).status).toBe(403);
    expect((await post(api, 'a', report, { 'content-type': 'text/plain' })).status).toBe(415);
    await using far = await startApi({ access: { onLoopback: false } });
    expect((await post(far, 'a', report)).status).toBe(403);
  });
});

it('GET /v1/hosts lists all hosts with what they said, and who else has reported', async () => {
  await using api = await startApi();
  api.commit(decision(), [replica('cpu-1', { launchedAtMs: NOW_MS - 60_000 })]);
  await post(api, 'cpu-1', { state: 'unhealthy', because: 'no memory' });
  await post(api, 'i-9', { state: 'leaving', deadline_seconds: 90 });
  await api.clock.advance(10_000);
  expect((await api.call('/v1/hosts')).json()).toEqual({
    hosts: [
      {
        id: 'cpu-1',
        group: 'default',
        state: 'ready',
        state_seconds: 10,
        deadline_seconds: null,
        because: null,
        url: 'http://127.0.0.1:9000/predictions/cpu-1',
        machine: null,
        age_seconds: 70,
        reports: [{ state: 'unhealthy', because: 'no memory', age_seconds: 10 }],
      },
    ],
    unknown: [
      {
        id: 'i-9',
        reports: [
          { state: 'leaving', because: 'it says that it is leaving', age_seconds: 10, deadline_seconds: 80 },
        ],
      },
    ],
  });
});
