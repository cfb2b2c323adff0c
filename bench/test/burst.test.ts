import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startSimulatedBackend } from '@forebay/testing';
import { expect, it } from 'vitest';
import { burst } from '../burst/burst.ts';

const plan = { connections: 4, chunksPerRequest: 3, seconds: 1 };

it('counts every request that the backend got, the last ones included', async () => {
  await using backend = await startSimulatedBackend({ aMs: 20 });
  const result = await burst({ ...plan, djlUrl: backend.djlUrl });
  expect(result).toMatchObject({ requests: backend.counters.requests, failures: {} });
  expect(result.latenciesMs).toHaveLength(result.requests);
  expect(result.checked).toBeGreaterThan(4);
  expect(result.firstAnswerSeconds).toBeLessThan(1);
});

it('counts what is refused by its status', async () => {
  await using backend = await startSimulatedBackend({
    aMs: 20,
    faults: [{ kind: 'error', error: 'queue-full', count: 3 }],
  });
  const result = await burst({ ...plan, djlUrl: backend.djlUrl });
  expect(Object.values(result.failures)).toEqual([3]);
  expect(result.requests).toBe(result.latenciesMs.length + 3);
});

it('gives up where every answer is an error, and says the first', async () => {
  await using backend = await startSimulatedBackend({});
  const djlUrl = backend.djlUrl.replace(/[^/]+$/, 'nope');
  const result = await burst({ ...plan, djlUrl, seconds: 60, progressMs: 500 });
  expect([result.firstError, Object.keys(result.failures)]).toEqual([
    expect.stringContaining('nope'),
    ['404'],
  ]);
});

it('counts what a broken connection leaves without an answer', async () => {
  await using backend = await startSimulatedBackend({ aMs: 100 });
  const running = burst({
    ...plan,
    djlUrl: backend.djlUrl,
    progressMs: 450,
    onProgress: () => backend.kill(),
  });
  const result = await running;
  expect(Object.keys(result.failures)).toEqual(['no answer']);
});

it('tells how many of a list came back wrong', async () => {
  await using backend = await startSimulatedBackend({ aMs: 20 });
  const result = await burst({
    ...plan,
    djlUrl: backend.djlUrl,
    progressMs: 300,
    onProgress: () => backend.setFault({ kind: 'swapped' }),
  });
  expect(Object.keys(result.failures)).toEqual(['wrong answer']);
});

it('is a program that prints its progress and its figures', async () => {
  await using backend = await startSimulatedBackend({ aMs: 20 });
  const { code, out, err } = await bench('--url', backend.url, '--seconds', '3', '--connections', '2');
  expect(code).toBe(0);
  expect(out).toMatch(/^\nrequests +[\d,]+ in 3\.\d s\nchunks\/s +[\d,.]+\n[\s\S]*failures +0\n$/);
  expect(err).toMatch(/\n +2 s +\d+ answers +[\d.]+ chunks\/s +0 failed\n$/);
});

it('ends with 1 when a request failed, or when nobody is there', async () => {
  await using backend = await startSimulatedBackend({
    aMs: 20,
    faults: [{ kind: 'error', error: 'queue-full', count: 1 }],
  });
  const failed = await bench('--url', backend.url, '--seconds', '1', '--connections', '2');
  expect([failed.code, failed.err]).toEqual([1, expect.stringMatching(/bench: 1 of \d+ requests failed\n$/)]);
  const nobody = await bench('--url', 'http://127.0.0.1:1');
  expect([nobody.code, nobody.err]).toEqual([
    1,
    expect.stringContaining('nothing answers at http://127.0.0.1:1'),
  ]);
});

async function bench(...args: string[]) {
  const program = fileURLToPath(new URL('../main.ts', import.meta.url));
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    err += part;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}
