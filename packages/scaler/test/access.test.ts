import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { startApi } from './api-under-test.ts';

const OPEN = ['/metrics', '/livez', '/readyz'];
const READ = [
  '/scaling/status',
  '/scaling/decision',
  '/scaling/decisions',
  '/scaling/config',
  '/scaling/priorities',
  '/v1/hosts',
];
const WRITE = [
  ['POST', '/scaling/scale'],
  ['DELETE', '/scaling/scale'],
  ['PUT', '/scaling/config'],
  ['POST', '/scaling/priorities'],
  ['DELETE', '/scaling/priorities/x'],
  ['POST', '/scaling/pause'],
  ['POST', '/scaling/resume'],
] as const;
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

/** Statuses by path of all routes but the open ones, with these headers. */
async function statuses(
  api: Awaited<ReturnType<typeof startApi>>,
  headers: Readonly<Record<string, string>>,
) {
  const calls = [
    ...[...READ, '/v1/backends'].map((path) => ['GET', path] as const),
    ...WRITE.map(([method, path]) => [method, path] as const),
  ];
  const answers = await Promise.all(
    calls.map(async ([method, path]) => (await api.call(path, { method, headers })).status),
  );
  return [...new Set(answers)];
}

/** What routes answer once they are reached: reads 200, writes 200, 400 for want of a body, 404 for an unknown priority. */
const REACHED = [200, 400, 404];

describe('with an admin key', () => {
  const access = { adminKey: 'chief', backendsToken: 'gate' };

  it.each([
    { authorization: 'Bearer chief' },
    { 'x-api-key': 'chief' },
    { authorization: basic('me:chief') },
  ])('opens all to %j, whatever the Host and the address it listens on', async (headers) => {
    await using api = await startApi({ access: { ...access, onLoopback: false } });
    const host = { host: 'anything.example' };
    expect((await statuses(api, { ...host, ...(headers as Record<string, string>) })).toSorted()).toEqual(
      REACHED,
    );
  });

  it.each([
    {},
    { authorization: 'Bearer chie' },
    { authorization: 'Bearer chief2' },
    { authorization: 'chief' },
    { 'x-api-key': 'CHIEF' },
    { authorization: basic('chief:') },
    { authorization: basic('chief') },
  ])('answers %j with 401, on loopback too', async (headers) => {
    await using api = await startApi({ access });
    expect(await statuses(api, headers as Record<string, string>)).toEqual([401]);
    const answer = await api.call('/scaling/status', { headers: headers as Record<string, string> });
    expect(answer.headers['www-authenticate']).toBe('Basic realm="forebay-scaler"');
    expect(answer.json()).toEqual({
      error: { message: expect.stringContaining('Authorization: Bearer KEY'), code: 'unauthorized' },
    });
  });

  it('opens the list of backends, and nothing else, to the token', async () => {
    await using api = await startApi({ access: { ...access, onLoopback: false } });
    const headers = { authorization: 'Bearer gate' };
    expect((await api.call('/v1/backends', { headers })).status).toBe(200);
    for (const path of READ) expect((await api.call(path, { headers })).status).toBe(401);
    for (const [method, path] of WRITE) {
      expect((await api.call(path, { method, headers })).status).toBe(401);
    }
  });

  it('needs JSON of writes all the same: a browser that knows the key sends it with any page’s form', async () => {
    await using api = await startApi({ access });
    const headers = { authorization: 'Bearer chief', 'content-type': 'text/plain' };
    for (const [method, path] of WRITE) {
      expect((await api.call(path, { method, headers })).status).toBe(415);
    }
  });
});

describe('without an admin key', () => {
  it.each([
    ['localhost', true],
    ['LOCALHOST:8090', true],
    ['127.0.0.1:1234', true],
    ['[::1]:8090', true],
    ['evil.example', false],
    ['localhost.evil.example', false],
    ['127.0.0.1.nip.io:8090', false],
  ])('on loopback to Host %j is open: %j', async (host, isOpen) => {
    await using api = await startApi();
    expect((await statuses(api, { host })).toSorted()).toEqual(isOpen ? REACHED : [403]);
    for (const path of OPEN) expect((await api.call(path, { headers: { host } })).status).toBe(200);
  });

  it.each([
    ['no Host', []],
    ['an empty Host', ['Host:']],
    ['two Hosts', ['Host: localhost', 'Host: evil.example']],
    ['two Hosts that are the same', ['Host: localhost', 'Host: localhost']],
  ])('answers nothing to a request with %s', async (_name, hosts) => {
    await using api = await startApi();
    const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
    socket.end(['GET /scaling/status HTTP/1.1', ...hosts, 'Connection: close', '', ''].join('\r\n'));
    // Node itself refuses a request without a Host.
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 40[03] /);
  });

  it('is closed beyond loopback, whatever the Host; metrics and health are open', async () => {
    await using api = await startApi({ access: { onLoopback: false } });
    expect(await statuses(api, { host: 'localhost' })).toEqual([403]);
    for (const path of OPEN) expect((await api.call(path)).status).toBe(200);
  });

  it('opens the list of backends to the token, and only to it', async () => {
    await using api = await startApi({ access: { onLoopback: false, backendsToken: 'gate' } });
    const ask = async (headers: Readonly<Record<string, string>>) =>
      await api.call('/v1/backends', { headers });
    expect((await ask({ authorization: 'Bearer gate', host: 'scaler:8090' })).status).toBe(200);
    const refused = await ask({ authorization: 'Bearer gat' });
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="forebay-scaler"',
    ]);
    expect((await ask({})).status).toBe(401);
    expect((await api.call('/scaling/status', { headers: { authorization: 'Bearer gate' } })).status).toBe(
      403,
    );
  });

  it('wants the token for the list on loopback too, once one is set', async () => {
    await using api = await startApi({ access: { backendsToken: 'gate' } });
    expect((await api.call('/v1/backends')).status).toBe(401);
    expect((await api.call('/scaling/status')).status).toBe(200);
  });
});

describe('a web page', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/json',
    '',
  ])('can’t write with the content type %j that a form has', async (type) => {
    await using api = await startApi();
    for (const [method, path] of WRITE) {
      const answer = await api.call(path, { method, headers: { 'content-type': type } });
      expect(answer.json()).toEqual({
        error: {
          message: 'writes need the header Content-Type: application/json, also without a body',
          code: 'unsupported_media_type',
        },
      });
    }
    expect([api.wakes(), api.store.priorities()]).toEqual([0, []]);
  });

  it.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/merge-patch+json'])(
    'is not who sends %j',
    async (type) => {
      await using api = await startApi();
      const headers = { 'content-type': type };
      expect((await api.call('/scaling/pause', { method: 'POST', headers })).status).toBe(200);
    },
  );

  it('is permitted nothing when its browser asks', async () => {
    await using api = await startApi();
    for (const [method, path] of [...WRITE, ...[...READ, ...OPEN].map((path) => ['GET', path] as const)]) {
      const preflight = await api.call(path, {
        method: 'OPTIONS',
        headers: { origin: 'https://evil.example', 'access-control-request-method': method },
      });
      const cors = Object.keys(preflight.headers).filter((name) => name.startsWith('access-control-'));
      expect([path, preflight.status, cors]).toEqual([path, 405, []]);
    }
  });
});
