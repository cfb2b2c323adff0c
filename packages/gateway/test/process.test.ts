import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectedVector, startSimulatedBackend } from '@forebay/testing';
import { it } from 'vitest';
import { djlApi, embed } from './apis.ts';
import { exchange } from './exchange.ts';
import { spawnGateway } from './gateway-process.ts';
import { SOON } from './soon.ts';

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'forebay-gateway-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

it.concurrent('announces where it listens and what to try, serves, and ends with 0 on SIGTERM', async ({
  expect,
}) => {
  await using backend = await startSimulatedBackend();
  await using gateway = spawnGateway([], { PORT: '0', DJL_URLS: backend.djlUrl });
  const url = await gateway.url;
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const { text } = await embed(url, djlApi, 'hello');
  expect(JSON.parse(text)).toEqual(expectedVector('hello'));
  await expect.poll(async () => (await exchange(`${url}/readyz`)).status, SOON).toBe(200);
  gateway.child.kill('SIGTERM');
  const { code, stdout } = await gateway.ended;
  expect(code).toBe(0);
  expect(stdout).toContain(`curl -s -H 'content-type: application/json'`);
  expect(stdout).toContain(`${url}/predictions/all-MiniLM-L6-v2`);
});

it.concurrent('ends on SIGTERM also when nobody reads its log any more', async ({ expect }) => {
  await using gateway = spawnGateway([], { PORT: '0', BACKENDS_FILE: '/there/is/none' });
  await gateway.url;
  gateway.child.stderr?.destroy();
  gateway.child.stdout?.destroy();
  gateway.child.kill('SIGTERM');
  expect((await gateway.ended).code).toBe(0);
});

it.concurrent('ends when the channel to its parent closes', async ({ expect }) => {
  await using gateway = spawnGateway([], { PORT: '0', BACKENDS_FILE: '/there/is/none' }, [], 'ipc');
  await gateway.url;
  const ended = once(gateway.child, 'exit');
  gateway.child.disconnect();
  expect(await ended).toEqual([0, null]);
});

it.concurrent('finishes what is under way after SIGTERM and lets nothing new in', async ({ expect }) => {
  await using backend = await startSimulatedBackend();
  await using gateway = spawnGateway([], { PORT: '0', DJL_URLS: backend.djlUrl });
  const url = await gateway.url;
  expect((await embed(url, djlApi, 'first')).status).toBe(200);
  backend.resetCounters();
  backend.setFault({ kind: 'slow', extraMs: 1_500 });
  const underWay = embed(url, djlApi, 'under way');
  await expect.poll(() => backend.counters.textsReceived, SOON).toBeGreaterThanOrEqual(1);
  gateway.child.kill('SIGTERM');
  await expect.poll(async () => (await exchange(`${url}/readyz`)).status, SOON).toBe(503);
  const refused = await embed(url, djlApi, 'too late').catch(() => ({ status: 'closed' }));
  expect([503, 'closed']).toContain(refused.status);
  expect(JSON.parse((await underWay).text)).toEqual(expectedVector('under way'));
  expect((await gateway.ended).code).toBe(0);
});

it.concurrent('ends at once on a second signal', async ({ expect }) => {
  await using backend = await startSimulatedBackend();
  await using gateway = spawnGateway([], { PORT: '0', DJL_URLS: backend.djlUrl });
  const url = await gateway.url;
  expect((await embed(url, djlApi, 'first')).status).toBe(200);
  backend.setFault({ kind: 'hang' });
  const cutOff = embed(url, djlApi, 'hangs').catch(() => 'cut off');
  await expect.poll(() => backend.counters.hung, SOON).toBe(1);
  gateway.child.kill('SIGINT');
  await expect.poll(async () => (await exchange(`${url}/readyz`)).status, SOON).toBe(503);
  gateway.child.kill('SIGINT');
  expect((await gateway.ended).code).toBe(1);
  expect(await cutOff).toBe('cut off');
});

it.concurrent('ends while it starts without saying that it is ready', async ({ expect }) => {
  // A source that can't be told yet: the server takes the connection and stays silent.
  await using gateway = spawnGateway([], { PORT: '0', BACKENDS_URL: `${await silentServer()}/v1/backends` });
  await gateway.url;
  gateway.child.kill('SIGTERM');
  const { code, stdout } = await gateway.ended;
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.not.stringContaining('ready:') });
});

it.concurrent('prints help and version', async ({ expect }) => {
  const [help, version] = await Promise.all([
    spawnGateway(['--help']).ended,
    spawnGateway(['--version']).ended,
  ]);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  for (const word of ['Usage: forebay-gateway', 'DJL_URLS', 'MAX_ANSWER_BYTES', '--check-config']) {
    expect(help.stdout).toContain(word);
  }
  expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

it.concurrent('refuses an argument that it does not know', async ({ expect }) => {
  const { code, stderr } = await spawnGateway(['--prot', '80']).ended;
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--prot') });
});

it.concurrent('checks a configuration: good ones are shown without secrets, with 0', async ({ expect }) => {
  await using dir = await folder();
  const file = join(dir.path, 'gateway.yaml');
  await writeFile(file, 'port: 9090\ndjlUrls: [http://127.0.0.1:1/predictions/m]\n');
  const { code, stdout } = await spawnGateway(['--config', file, '--check-config'], {
    FOREBAY_ADMIN_KEY: 'secret',
  }).ended;
  expect(code).toBe(0);
  expect(stdout).toContain('9090');
  expect(stdout).toContain('http://127.0.0.1:1/predictions/m');
  expect(stdout).not.toContain('secret');
});

it.concurrent('checks a configuration: all problems of a bad one are told, with 1', async ({ expect }) => {
  await using dir = await folder();
  const keys = join(dir.path, 'keys.yaml');
  await writeFile(keys, `- sha256: "${hash('sha256', 'k')}"\n  tenant: a\n  weight: -1\n`);
  const check = (env: Record<string, string>) => spawnGateway(['--check-config'], env).ended;
  const [bad, badKeys, noTokenizer] = await Promise.all([
    check({ PORT: 'eighty', VERIFY: 'some', DJL_URLS: 'x' }),
    check({ FOREBAY_API_KEYS_FILE: keys }),
    check({ TOKENIZER_FILE: '/nowhere.json' }),
  ]);
  expect(bad).toMatchObject({ code: 1, stdout: '' });
  expect(bad.stderr).toContain('PORT');
  expect(bad.stderr).toContain('VERIFY');
  expect(badKeys).toMatchObject({ code: 1, stderr: expect.stringMatching(/keys\.yaml:3 .*weight/) });
  expect(noTokenizer).toMatchObject({ code: 1, stderr: expect.stringContaining('TOKENIZER_FILE') });
});

it.concurrent('says that its port is taken, and what to do', async ({ expect }) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number }; // it listens on a port
  const { code, stdout, stderr } = await spawnGateway([], {
    PORT: String(port),
    DJL_URLS: 'http://127.0.0.1:1/predictions/m',
  }).ended;
  await new Promise((resolve) => server.close(resolve));
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(`127.0.0.1:${port} (EADDRINUSE)`);
  expect(stderr).toContain('PORT');
});

/** Takes connections and never says a word; ends with the test's process. */
async function silentServer(): Promise<string> {
  const server = createServer().unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number }; // it listens on a port
  return `http://127.0.0.1:${port}`;
}
