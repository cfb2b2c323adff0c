import { expect, it } from 'vitest';
import { expectedVector, startSimulatedBackend } from '../src/index.ts';
import { json, rawExchange } from './raw-exchange.ts';

const PATH = '/predictions/all-MiniLM-L6-v2';

it('merges requests of any number of texts into one batch, and gives each its own vectors', async () => {
  await using backend = await startSimulatedBackend({ aMs: 5, batchSize: 3, maxBatchDelayMs: 10_000 });
  const lists = [['a'], ['b', 'c', 'd'], ['e', 'f']];
  const answers = await Promise.all(lists.map((texts) => rawExchange(backend.port, json(PATH, texts))));
  expect(answers.map(({ body }) => JSON.parse(body))).toEqual(
    lists.map((texts) => texts.map((text) => expectedVector(text))),
  );
  expect(backend.counters).toMatchObject({ requests: 3, answered: 3, batchesComputed: 1, batchSizes: [6] });
});

it('takes the time of all texts together, padded to the longest', async () => {
  await using backend = await startSimulatedBackend({
    bMs: 10,
    cMs: 1,
    batchSize: 2,
    maxBatchDelayMs: 10_000,
  });
  const startMs = performance.now();
  await Promise.all([
    rawExchange(backend.port, json(PATH, ['a'.repeat(40), 'b'])),
    rawExchange(backend.port, json(PATH, ['c', 'd'])),
  ]);
  // 4 texts at 10 ms and 4 × 10 tokens at 1 ms.
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(79);
});

it('makes a request that is alone pay the whole delay', async () => {
  await using backend = await startSimulatedBackend({ batchSize: 128, maxBatchDelayMs: 80 });
  const startMs = performance.now();
  expect((await rawExchange(backend.port, json(PATH, ['a']))).status).toBe(200);
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(79);
});

it('fails all merged requests with the refusal of the bad one', async () => {
  await using backend = await startSimulatedBackend({ batchSize: 2, maxBatchDelayMs: 10_000 });
  backend.setFault({ kind: 'poison', marker: 'bad' });
  const answers = await Promise.all(
    ['bad', 'good'].map((text) => rawExchange(backend.port, json(PATH, [text]))),
  );
  expect(answers.map(({ status }) => status)).toEqual([400, 400]);
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  expect(backend.counters).toMatchObject({ rejected: 2, batchesComputed: 0 });
});

it('counts work as wasted for every request of a batch whose engine failed', async () => {
  await using backend = await startSimulatedBackend({ aMs: 5, batchSize: 2, maxBatchDelayMs: 10_000 });
  backend.setFault({ kind: 'error', error: 'engine-failure', count: 1 });
  const ask = (texts: readonly string[]) => rawExchange(backend.port, json(PATH, [...texts]));
  const answers = await Promise.all([ask(['a']), ask(['b', 'c'])]);
  expect(answers.map(({ status }) => status)).toEqual([400, 400]);
  expect(backend.counters).toMatchObject({ batchesComputed: 1, textsComputed: 3, textsWasted: 3 });
});

it('shows its batch size and delay as DJL does, and merges nothing by default', async () => {
  await using merging = await startSimulatedBackend({ batchSize: 128, maxBatchDelayMs: 2 });
  await using plain = await startSimulatedBackend();
  const described = async (port: number) => {
    const { body } = await rawExchange(port, { method: 'GET', path: '/models/all-MiniLM-L6-v2' });
    const { batchSize, maxBatchDelayMillis } = JSON.parse(body)[0].models[0];
    return [batchSize, maxBatchDelayMillis];
  };
  expect(await described(merging.port)).toEqual([128, 2]);
  expect(await described(plain.port)).toEqual([1, 100]);
});
