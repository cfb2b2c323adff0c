import { expect, it } from 'vitest';
import { startSimulatedBackend } from '../src/index.ts';
import { json, rawExchange } from './raw-exchange.ts';

const REQUEST = json('/predictions/all-MiniLM-L6-v2', ['a']);

it('dies with its connections and jobs, and comes back on the same port', async () => {
  await using backend = await startSimulatedBackend({ aMs: 60_000 });
  const { port } = backend;
  const waiting = [rawExchange(port, REQUEST), rawExchange(port, REQUEST)];
  await expect.poll(() => backend.counters.textsReceived).toBe(2);
  await backend.kill();
  expect((await Promise.all(waiting)).map(({ ending }) => ending)).toEqual(['reset', 'reset']);
  expect((await rawExchange(port, REQUEST)).ending).toBe('refused');
  expect(backend.counters).toMatchObject({ textsComputed: 0, openSockets: 0, maxOpenSockets: 2 });
  await backend.revive();
  expect(backend.port).toBe(port);
  expect((await rawExchange(port, { method: 'GET', path: '/ping' })).status).toBe(200);
});

it('refuses connections for as long as a slow start takes, at the start and after each revival', async () => {
  await using backend = await startSimulatedBackend({
    faults: [{ kind: 'slow-start', forMs: 200, answer: 'refused' }],
  });
  const ending = async () => (await rawExchange(backend.port, REQUEST)).ending;
  expect(await ending()).toBe('refused');
  await expect.poll(ending).toBe('open');
  await backend.kill();
  await backend.revive();
  expect(await ending()).toBe('refused');
  await expect.poll(ending).toBe('open');
});

it('opens a closed port when the slow start is taken away', async () => {
  await using backend = await startSimulatedBackend();
  backend.setFault({ kind: 'slow-start', forMs: 60_000, answer: 'refused' });
  expect((await rawExchange(backend.port, REQUEST)).ending).toBe('refused');
  backend.clearFaults();
  await expect.poll(async () => (await rawExchange(backend.port, REQUEST)).ending).toBe('open');
});

it('stays dead when faults change', async () => {
  await using backend = await startSimulatedBackend();
  await backend.kill();
  backend.setFault({ kind: 'slow', factor: 2 });
  await backend.kill();
  expect((await rawExchange(backend.port, REQUEST)).ending).toBe('refused');
});

it('rejects when the port is taken', async () => {
  await using backend = await startSimulatedBackend();
  await expect(startSimulatedBackend({ port: backend.port })).rejects.toThrow('EADDRINUSE');
});
