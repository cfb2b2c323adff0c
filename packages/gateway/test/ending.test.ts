import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectedVector, startSimulatedBackend } from '@forebay/testing';
import { it } from 'vitest';
import { djlApi, embed } from './apis.ts';
import { type Exchange, exchange, oneConnection } from './exchange.ts';
import { type GatewayProcess, spawnGateway } from './gateway-process.ts';
import { SOON } from './soon.ts';

const PRELOAD = ['--import', fileURLToPath(new URL('./fault-preload.ts', import.meta.url))];

const faultPort = (gateway: GatewayProcess) => /fault port: (\d+)/.exec(gateway.stdout())?.[1];

it.concurrent.for([
  ['/throw', 'TypeError', 'a fault of the test'],
  ['/reject', 'RangeError', 'nobody awaits this'],
] as const)(
  'ends with 70 and one fatal line after %s; callers see their connection end',
  async ([path, type, message], { expect }) => {
    await using backend = await startSimulatedBackend();
    await using gateway = spawnGateway([], { PORT: '0', DJL_URLS: backend.djlUrl }, PRELOAD);
    const url = await gateway.url;
    expect((await embed(url, djlApi, 'first')).status).toBe(200);
    backend.setFault({ kind: 'hang' });
    const cutOff = embed(url, djlApi, 'under way').then(
      () => 'answered',
      () => 'cut off',
    );
    await expect.poll(() => backend.counters.hung, SOON).toBe(1);
    await expect.poll(() => faultPort(gateway), SOON).toBeDefined();
    await exchange(`http://127.0.0.1:${faultPort(gateway)}${path}`).catch(() => undefined);
    const { code, stderr } = await gateway.ended;
    expect({ code, cutOff: await cutOff }).toEqual({ code: 70, cutOff: 'cut off' });
    const fatal = stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
      .filter(({ level }) => level === 60);
    expect(fatal).toEqual([expect.objectContaining({ err: expect.objectContaining({ type, message }) })]);
  },
);

it.concurrent('under load on SIGTERM answers what it accepted, refuses the rest with 503, and ends with 0', async ({
  expect,
}) => {
  await using backend = await startSimulatedBackend({ aMs: 40, bMs: 2, workers: 2 });
  const grace = { SHUTDOWN_GRACE_MS: '10000' };
  await using gateway = spawnGateway([], { PORT: '0', DJL_URLS: backend.djlUrl, ...grace });
  const url = await gateway.url;
  const answers: { sentMs: number; text: string; answer: Exchange | undefined }[] = [];
  let termMs = Number.POSITIVE_INFINITY;
  let over = false;
  const caller = async (name: number) => {
    const agent = oneConnection();
    for (let i = 0; !over; i += 1) {
      const [sentMs, text] = [performance.now(), `${name} ${i}`];
      const answer = await embed(url, djlApi, text, { agent }).catch(() => undefined);
      answers.push({ sentMs, text, answer });
      if (answer === undefined || answer.status === 503) await new Promise((later) => setTimeout(later, 20));
    }
    agent.destroy();
  };
  const callers = Array.from({ length: 12 }, (_, i) => caller(i));
  await expect
    .poll(() => answers.filter(({ answer }) => answer?.status === 200).length, SOON)
    .toBeGreaterThan(30);
  // Keeps it from ending before others have called, and lets them pass.
  const longTexts = Array.from({ length: 1_500 }, (_, i) => `long ${i}`);
  const long = embed(url, djlApi, longTexts, { headers: { 'x-forebay-priority': 'bulk' } });
  await new Promise((later) => setTimeout(later, 150));
  termMs = performance.now();
  gateway.child.kill('SIGTERM');
  const { code } = await gateway.ended;
  expect((await long).status).toBe(200);
  const tookMs = performance.now() - termMs;
  over = true;
  await Promise.all(callers);
  expect({ code, inTime: tookMs < 5_000 }).toEqual({ code: 0, inTime: true });
  // Whatever was sent well before the signal had been accepted, also on a busy machine.
  const early = answers.filter(({ sentMs }) => sentMs < termMs - 100);
  expect(early.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
  const whole = answers.flatMap(({ text, answer }) => (answer?.status === 200 ? [{ text, answer }] : []));
  for (const { text, answer } of whole) expect(JSON.parse(answer.text)).toEqual(expectedVector(text));
  const refused = answers.flatMap(({ answer }) => (answer && answer.status !== 200 ? [answer] : []));
  expect(refused.length).toBeGreaterThan(0);
  for (const { status, headers } of refused) {
    expect({ status, retry: headers['retry-after'], connection: headers.connection }).toEqual({
      status: 503,
      retry: '1',
      connection: 'close',
    });
  }
});

it.concurrent('cuts off what is still under way when SHUTDOWN_GRACE_MS is over, and ends with 0', async ({
  expect,
}) => {
  await using backend = await startSimulatedBackend();
  const env = { PORT: '0', DJL_URLS: backend.djlUrl, SHUTDOWN_GRACE_MS: '300' };
  await using gateway = spawnGateway([], env);
  const url = await gateway.url;
  expect((await embed(url, djlApi, 'first')).status).toBe(200);
  backend.setFault({ kind: 'hang' });
  const outcome = embed(url, djlApi, 'hangs').then(
    ({ status }) => status,
    () => 'cut off',
  );
  await expect.poll(() => backend.counters.hung, SOON).toBe(1);
  gateway.child.kill('SIGTERM');
  const { code, stderr } = await gateway.ended;
  expect(code).toBe(0);
  expect([503, 'cut off']).toContain(await outcome);
  expect(stderr).toContain('"cutOff":1');
});

it.concurrent('ends at once on a second SIGTERM', async ({ expect }) => {
  await using backend = await startSimulatedBackend();
  await using gateway = spawnGateway([], { PORT: '0', DJL_URLS: backend.djlUrl });
  const url = await gateway.url;
  expect((await embed(url, djlApi, 'first')).status).toBe(200);
  backend.setFault({ kind: 'hang' });
  const cutOff = embed(url, djlApi, 'hangs').catch(() => 'cut off');
  await expect.poll(() => backend.counters.hung, SOON).toBe(1);
  gateway.child.kill('SIGTERM');
  await expect.poll(async () => (await exchange(`${url}/readyz`)).status, SOON).toBe(503);
  const killedMs = performance.now();
  gateway.child.kill('SIGTERM');
  expect((await gateway.ended).code).toBe(1);
  expect(performance.now() - killedMs).toBeLessThan(2_000);
  expect(await cutOff).toBe('cut off');
});

it.concurrent('reads the keys again on SIGHUP: revoked ones go, new ones come, a broken file changes nothing', async ({
  expect,
}) => {
  await using backend = await startSimulatedBackend();
  const folder = await mkdtemp(join(tmpdir(), 'forebay-keys-'));
  const file = join(folder, 'keys.yaml');
  const write = (...keys: string[]) =>
    writeFile(file, keys.map((key) => `- sha256: "${hash('sha256', key)}"\n  tenant: ${key}\n`).join(''));
  await write('old');
  const env = { PORT: '0', HOST: '0.0.0.0', DJL_URLS: backend.djlUrl, FOREBAY_API_KEYS_FILE: file };
  await using gateway = spawnGateway([], env);
  const url = (await gateway.url).replace('0.0.0.0', '127.0.0.1');
  const status = async (key: string) =>
    (await embed(url, djlApi, 'a', { headers: { 'x-api-key': key } })).status;
  expect([await status('old'), await status('new')]).toEqual([200, 401]);
  // Written by `writeFile` without a mode, it is open to all: said at start.
  expect(gateway.stderr()).toMatch(/FOREBAY_API_KEYS_FILE .* can be read by everyone on this machine/);
  await write('new');
  gateway.child.kill('SIGHUP');
  await expect.poll(async () => [await status('old'), await status('new')], SOON).toEqual([401, 200]);
  await writeFile(file, '- sha256: nonsense\n');
  gateway.child.kill('SIGHUP');
  await expect.poll(() => gateway.stderr(), SOON).toContain('not renewed: ');
  expect([await status('old'), await status('new')]).toEqual([401, 200]);
  await rm(folder, { recursive: true });
});

it.concurrent('without keys and certificates ends on SIGHUP, as with any program whose terminal is closed', async ({
  expect,
}) => {
  await using gateway = spawnGateway([], { PORT: '0', BACKENDS_FILE: '/there/is/none' });
  await gateway.url;
  gateway.child.kill('SIGHUP');
  expect((await gateway.ended).code).toBe(null);
});
