import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { json, rawExchange } from './raw-exchange.ts';

const PROGRAM = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

async function start(...args: string[]): Promise<{ child: ChildProcess; url: URL }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, url: new URL(String(line)) };
}

it('prints its URL, answers there and stops on SIGTERM', async () => {
  const { child, url } = await start('--port', '0', '--a-ms', '6', '--b-ms', '0.22', '--workers', '1');
  const answer = await rawExchange(Number(url.port), json(url.pathname, { inputs: ['a'] }));
  expect(answer.status).toBe(200);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});

it('takes faults and shows counters over HTTP', async () => {
  const { url } = await start('--fault', '{"kind":"error","error":"internal-error"}', '--count-texts');
  const port = Number(url.port);
  const embed = () => rawExchange(port, json(url.pathname, ['a']));
  expect((await embed()).status).toBe(500);
  expect((await rawExchange(port, { method: 'DELETE', path: '/_sim/fault' })).status).toBe(200);
  expect((await embed()).status).toBe(200);
  const counters = JSON.parse((await rawExchange(port, { method: 'GET', path: '/_sim/counters' })).body);
  expect(counters).toMatchObject({ requests: 2, answered: 1, rejected: 1, timesComputed: { a: 1 } });

  const refused = await rawExchange(port, json('/_sim/fault', { kind: 'hang', often: true }));
  expect([refused.status, refused.body]).toEqual([
    400,
    '{"error":"TypeError: the fault hang has no field often"}',
  ]);
  await rawExchange(port, { method: 'DELETE', path: '/_sim/counters' });
  const zeroed = JSON.parse((await rawExchange(port, { method: 'GET', path: '/_sim/counters' })).body);
  expect(zeroed).toMatchObject({ requests: 0, batchSizes: [], timesComputed: {} });
  expect((await rawExchange(port, { method: 'GET', path: '/_sim/other' })).status).toBe(404);
});

it('can be sent away over HTTP for a while', async () => {
  const { url } = await start();
  const port = Number(url.port);
  const set = await rawExchange(
    port,
    json('/_sim/fault', { kind: 'slow-start', forMs: 500, answer: 'refused' }),
  );
  expect(set.status).toBe(200);
  const ending = async () => (await rawExchange(port, json(url.pathname, ['a']))).ending;
  // A connection made while the port closes is still reset.
  await expect.poll(ending, { interval: 10 }).toBe('refused');
  await expect.poll(ending).toBe('open');
});

it('explains itself, and refuses flags that make no sense', async () => {
  const run = promisify(execFile);
  expect((await run(process.execPath, [PROGRAM, '--help'])).stdout).toContain('--a-ms N');
  await expect(run(process.execPath, [PROGRAM, '--workers', '0'])).rejects.toMatchObject({
    code: 1,
    stderr: 'forebay-simulated-backend: workers must be an integer of at least 1, got 0\n',
  });
});
