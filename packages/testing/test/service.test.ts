import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { expectedVector, startSimulatedBackend } from '../src/index.ts';
import { json, rawExchange } from './raw-exchange.ts';

const PATH = '/predictions/all-MiniLM-L6-v2';

/** Least time that is sure to pass; how much more does is the machine's affair. */
async function elapsedMs(run: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await run();
  return performance.now() - startMs;
}

it('takes the time of a batch, its texts and its tokens, and longer under a slow fault', async () => {
  await using backend = await startSimulatedBackend({ aMs: 20, bMs: 10, cMs: 1 });
  const ask = () => rawExchange(backend.port, json(PATH, ['a'.repeat(40), 'b']));
  expect(await elapsedMs(ask)).toBeGreaterThanOrEqual(59);
  backend.setFault({ kind: 'slow', factor: 2, extraMs: 30 });
  expect(await elapsedMs(ask)).toBeGreaterThanOrEqual(149);
});

it('works on as many batches at once as it has workers', async () => {
  await using backend = await startSimulatedBackend({ aMs: 60, workers: 2, countTexts: true });
  const ask = () => rawExchange(backend.port, json(PATH, ['a', 'b']));
  expect(await elapsedMs(() => Promise.all([ask(), ask(), ask(), ask()]))).toBeGreaterThanOrEqual(118);
  const { counters } = backend;
  expect(counters).toMatchObject({ requests: 4, batchesComputed: 4, textsComputed: 8, maxConcurrency: 4 });
  expect(counters.batchSizes).toEqual([2, 2, 2, 2]);
  expect(counters.timesComputed).toEqual(
    new Map([
      ['a', 4],
      ['b', 4],
    ]),
  );
});

it('keeps a rate of thousands a second with a service time below a millisecond', async () => {
  await using backend = await startSimulatedBackend({ aMs: 0.2, jobQueueSize: 10_000 });
  const ask = async () => {
    for (let i = 0; i < 50; i += 1) await rawExchange(backend.port, json(PATH, ['a']));
  };
  const tookMs = await elapsedMs(() => Promise.all(Array.from({ length: 10 }, ask)));
  expect(tookMs).toBeGreaterThanOrEqual(99);
});

it('refuses what the queue has no room for, in the way of DJL', async () => {
  await using backend = await startSimulatedBackend({ aMs: 100, jobQueueSize: 1 });
  const ask = () => rawExchange(backend.port, json(PATH, ['a']));
  const statuses = (await Promise.all([ask(), ask(), ask()])).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([200, 503, 503]);
  expect(backend.counters).toMatchObject({ answered: 1, rejected: 2, textsComputed: 1 });
});

it('finishes the running job of a client that left, and skips the waiting one', async () => {
  await using backend = await startSimulatedBackend({ aMs: 150 });
  const sockets = [0, 1].map(() => {
    const socket = connect(backend.port, '127.0.0.1');
    socket.write(`POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nleft`);
    return socket;
  });
  await expect.poll(() => backend.counters.textsReceived).toBe(2);
  const described = await rawExchange(backend.port, { method: 'GET', path: '/models/all-MiniLM-L6-v2' });
  expect(JSON.parse(described.body)[0].models[0].requestInQueue).toBe(1);
  for (const socket of sockets) socket.destroy();
  expect((await rawExchange(backend.port, json(PATH, ['stayed']))).status).toBe(200);
  expect(backend.counters).toMatchObject({ skipped: 1, textsComputed: 2, textsWasted: 1, answered: 1 });
});

it('cuts texts at the largest number of tokens, and can answer with the weights of another model', async () => {
  await using backend = await startSimulatedBackend({ maxTokens: 2, weights: 'other' });
  const { body } = await rawExchange(backend.port, json(PATH, ['12345678 and more', 'short']));
  const origin = { model: 'other' };
  expect(JSON.parse(body)).toEqual([expectedVector('12345678', origin), expectedVector('short', origin)]);
});

it('serves each model from its own queue', async () => {
  await using backend = await startSimulatedBackend({ models: ['one', 'two'], aMs: 50, jobQueueSize: 1 });
  const asked = ['one', 'two'].map((model) => rawExchange(backend.port, json(`/predictions/${model}`, 'a')));
  const [one, two] = (await Promise.all(asked)).map(({ body }) => JSON.parse(body));
  expect(one).toEqual(expectedVector('a', { model: 'one' }));
  expect(two).toEqual(expectedVector('a', { model: 'two' }));
});
