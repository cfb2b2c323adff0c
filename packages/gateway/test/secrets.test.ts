import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { apis, djlApi, embed } from './apis.ts';
import { exchange } from './exchange.ts';
import { spawnGateway } from './gateway-process.ts';
import { startQuotingBackend } from './quoting-backend.ts';
import { SOON } from './soon.ts';

const MARKER = 'private-marker-text';
const SECRETS = ['caller-key-5fd1', 'admin-key-8c2e', 'wrong-key-77aa', 'list-token-91b4'];
const [KEY, ADMIN_KEY, WRONG_KEY, TOKEN] = SECRETS as [string, string, string, string];

/** Everything that operators and neighbours can read of a gateway: its output, its status, its metrics. */
async function shownBy(gateway: ReturnType<typeof spawnGateway>): Promise<string> {
  const url = await gateway.url;
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  const pages = [
    '/metrics',
    '/api/status',
    '/admin/backends',
    '/readyz',
    '/ping',
    '/models',
    '/v1/models',
    '/info',
  ];
  const texts = await Promise.all(pages.map(async (page) => (await exchange(url + page, { headers })).text));
  return [gateway.stdout(), gateway.stderr(), ...texts].join('\n');
}

it('shows neither texts nor keys in log, status and metrics, whatever happens to a request', async () => {
  await using backend = await startQuotingBackend();
  const folder = await mkdtemp(join(tmpdir(), 'forebay-secrets-'));
  const keysFile = join(folder, 'keys.yaml');
  await writeFile(keysFile, `- sha256: "${hash('sha256', KEY)}"\n  tenant: acme\n`, { mode: 0o600 });
  await using gateway = spawnGateway([], {
    PORT: '0',
    HOST: '0.0.0.0',
    LOG_LEVEL: 'trace',
    DJL_URLS: backend.djlUrl,
    BACKENDS_URL: 'http://127.0.0.1:1/v1/backends?token=in-the-query',
    BACKENDS_TOKEN: TOKEN,
    FOREBAY_API_KEYS_FILE: keysFile,
    FOREBAY_ADMIN_KEY: ADMIN_KEY,
  });
  const url = (await gateway.url).replace('0.0.0.0', '127.0.0.1');
  const headers = { authorization: `Bearer ${KEY}` };
  const shown: string[] = [];
  for (const [word, status] of [
    ['good', 200],
    ['poison', 400],
    ['fails', 502],
    ['garbled', 502],
  ] as const) {
    for (const api of apis) {
      const answer = await embed(url, api, [`${MARKER} ${word}`, 'other'], { headers });
      expect(answer.status).toBe(api.name === 'tei' && status === 400 ? 422 : status);
      shown.push(await shownBy(gateway));
    }
  }
  for (const body of [`{"inputs": "${MARKER}`, `{"inputs": [{"${MARKER}": 1}]}`, `{"${MARKER}": 1}`]) {
    const json = { 'content-type': 'application/json' };
    expect(
      (await exchange(url + djlApi.path, { body, headers: { ...headers, ...json } })).text,
    ).not.toContain(MARKER);
  }
  await exchange(`${url}/admin/backends`, {
    body: `{"${MARKER}`,
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
  });
  for (const path of [djlApi.path, '/api/status', `/no/such/${WRONG_KEY.slice(0, 3)}`]) {
    await exchange(url + path, { body: '{"inputs":"a"}', headers: { 'x-api-key': WRONG_KEY } });
  }
  shown.push(await shownBy(gateway));
  gateway.child.kill('SIGTERM');
  const { stdout, stderr } = await gateway.ended;
  await rm(folder, { recursive: true });
  const all = [...shown, stdout, stderr].join('\n');
  expect(all).toContain('HTTP 500');
  for (const secret of [MARKER, ...SECRETS, 'in-the-query']) expect(all).not.toContain(secret);
});

it('tells what a backend said of a text to its own caller, and to no other', async () => {
  await using backend = await startQuotingBackend();
  await using gateway = spawnGateway([], { PORT: '0', DJL_URLS: backend.djlUrl });
  const url = await gateway.url;
  await expect.poll(async () => (await embed(url, djlApi, 'up?')).status, SOON).toBe(200);
  const poison = await embed(url, djlApi, `${MARKER} poison`);
  expect(poison.text).toContain(MARKER);
  const [fails, ...others] = await Promise.all([
    embed(url, djlApi, `${MARKER} fails`),
    ...Array.from({ length: 8 }, (_, i) => embed(url, djlApi, `neighbour ${i}`)),
  ]);
  expect(fails.status).toBe(502);
  for (const { text } of others) expect(text).not.toContain(MARKER);
  // A backend that is gone with these words on its lips.
  await exchange(
    `${url}/admin/backends/${encodeURIComponent(`${new URL(backend.djlUrl).host}/all-MiniLM-L6-v2`)}/drain`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    },
  );
  const late = await embed(url, djlApi, 'late', { headers: { 'x-request-timeout-ms': '300' } });
  expect(late.status).toBe(503);
  expect(late.text).not.toContain(MARKER);
});
