import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expectedVector, type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { motoUnderTest } from '../../rigs/moto/moto-under-test.ts';
import { makeQueue, type TestQueue } from './sqs-queue.ts';
import { startGateway } from './start-gateway.ts';

const WORKER = fileURLToPath(new URL('../sqs-worker.ts', import.meta.url));
const MODEL = 'all-MiniLM-L6-v2';

const moto = await motoUnderTest();
if (moto.kind === 'unavailable') console.warn(`skipped, there is no moto here: ${moto.because}`);

/** The real worker before the real gateway, a simulated model server behind it; the queue is moto's. */
describe.skipIf(moto.kind === 'unavailable')('sqs-worker.ts', () => {
  const { endpoint } = moto;
  let folder: string;
  let backend: SimulatedBackend;
  let gateway: Awaited<ReturnType<typeof startGateway>>;
  let queue: TestQueue;
  let workers: ChildProcess[];
  let round = 0;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'forebay-sqs-'));
    backend = await startSimulatedBackend({ countTexts: true });
    gateway = await startGateway({ DJL_URLS: backend.djlUrl });
    round += 1;
    queue = await makeQueue(endpoint, `documents-${round}`, 3);
    workers = [];
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => end(worker, 'SIGKILL')));
    await gateway.stop();
    await backend.close();
    rmSync(folder, { recursive: true });
  });
  afterAll(() => moto.close());

  function startWorker(own: Readonly<Record<string, string>> = {}): ChildProcess {
    const worker = spawn(process.execPath, [WORKER], {
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: endpoint,
        QUEUE_URL: queue.url,
        DJL_URL: `${gateway.url}/predictions/${MODEL}`,
        VECTORS: join(folder, 'vectors.db'),
        VISIBILITY_SECONDS: '3',
        ...own,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    workers.push(worker);
    return worker;
  }

  const stored = () => readVectors(join(folder, 'vectors.db'));
  const isEmpty = ({ waiting, hidden }: { waiting: number; hidden: number }) => waiting + hidden === 0;

  it('loses no message and stores none twice when it is killed half way, again and again', async () => {
    const texts = (document: number) => [0, 1, 2, 3].map((chunk) => `document ${document}, chunk ${chunk}`);
    const documents = Array.from({ length: 40 }, (_, i) => ({ id: `doc-${i}`, texts: texts(i) }));
    await queue.send(documents.map((document) => JSON.stringify(document)));
    // 80 ms for a document, more than the worker takes around it: it is killed with some in each state.
    backend.setFault({ kind: 'slow', extraMs: 80 });
    for (const atLeast of [3, 12, 21]) {
      const worker = startWorker();
      await eventually(stored, (rows) => rows.length >= 4 * atLeast);
      await end(worker, 'SIGKILL');
    }
    expect(isEmpty(await queue.counts())).toBe(false);
    startWorker();
    await eventually(queue.counts, isEmpty);
    const expected = documents.flatMap(({ id, texts }) =>
      texts.map((text, chunk) => ({ document: id, chunk, vector: [...float32(expectedVector(text))] })),
    );
    expect(stored()).toEqual(expected.toSorted(byKey));
    expect((await queue.counts()).putAside).toBe(0);
  });

  it('does not embed again what a worker stored before it could delete the message', async () => {
    const body = JSON.stringify({ id: 'a', texts: ['once'] });
    await queue.send([body]);
    startWorker();
    await eventually(queue.counts, isEmpty);
    await queue.send([body]);
    await eventually(queue.counts, isEmpty);
    expect([backend.counters.timesComputed.get('once'), stored().length]).toEqual([1, 1]);
  });

  it('keeps a message hidden for as long as it works on it', async () => {
    backend.setFault({ kind: 'slow', extraMs: 7_000 });
    await queue.send([JSON.stringify({ id: 'a', texts: ['long'] })]);
    const both = [startWorker(), startWorker()];
    await eventually(queue.counts, isEmpty);
    // Whoever else has it comes to its end too.
    await Promise.all(both.map((worker) => end(worker, 'SIGTERM')));
    expect([backend.counters.timesComputed.get('long'), stored().length]).toEqual([1, 1]);
  });

  it('leaves what nobody can embed to the redrive policy, and goes on with the rest', async () => {
    backend.setFault({ kind: 'poison', marker: 'cursed' });
    await queue.send([
      'no JSON',
      JSON.stringify({ id: 'b', texts: [] }),
      JSON.stringify({ id: 'c', texts: ['well', 'cursed'] }),
      JSON.stringify({ id: 'd', texts: ['well'] }),
    ]);
    startWorker({ VISIBILITY_SECONDS: '1' });
    await eventually(queue.counts, (counts) => counts.putAside === 3 && isEmpty(counts));
    expect(stored().map(({ document }) => document)).toEqual(['d']);
  });

  it('holds messages while the gateway has no server, so that none is put aside for it', async () => {
    await using impatient = await startGateway({ DJL_URLS: backend.djlUrl, REQUEST_TIMEOUT_MS: '1000' });
    await backend.kill();
    await queue.send([JSON.stringify({ id: 'a', texts: ['patience'] })]);
    startWorker({ VISIBILITY_SECONDS: '1', DJL_URL: `${impatient.url}/predictions/${MODEL}` });
    await sleep(15_000);
    await backend.revive();
    await eventually(queue.counts, isEmpty);
    expect([stored().length, (await queue.counts()).putAside]).toEqual([1, 0]);
  });

  it('finishes at SIGTERM what it has, takes nothing more, and ends with 0', async () => {
    backend.setFault({ kind: 'slow', extraMs: 1_500 });
    const ids = ['a', 'b', 'c', 'd', 'e'];
    await queue.send(ids.map((id) => JSON.stringify({ id, texts: [id] })));
    const worker = startWorker();
    await eventually(queue.counts, ({ hidden }) => hidden > 0);
    const { hidden } = await queue.counts();
    expect(await end(worker, 'SIGTERM')).toBe(0);
    expect(await queue.counts()).toEqual({ waiting: ids.length - hidden, hidden: 0, putAside: 0 });
    expect(stored().length).toBe(hidden);
  });

  it('gives back at once what it can not finish in time', async () => {
    backend.setFault({ kind: 'slow', extraMs: 60_000 });
    await queue.send([JSON.stringify({ id: 'a', texts: ['endless'] })]);
    const worker = startWorker({ STOP_SECONDS: '1', VISIBILITY_SECONDS: '600' });
    await eventually(queue.counts, ({ hidden }) => hidden > 0);
    expect(await end(worker, 'SIGTERM')).toBe(0);
    expect(await queue.counts()).toEqual({ waiting: 1, hidden: 0, putAside: 0 });
  });
});

interface Row {
  readonly document: string;
  readonly chunk: number;
  readonly vector: readonly number[];
}

function readVectors(path: string): readonly Row[] {
  using database = new DatabaseSync(path, { timeout: 10_000 });
  try {
    const rows = database.prepare('SELECT document, chunk, vector FROM vectors').all();
    return rows
      .map(({ document, chunk, vector }) => {
        const bytes = vector as Uint8Array<ArrayBuffer>; // as the example's table says
        const numbers = [...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)];
        return { document: String(document), chunk: Number(chunk), vector: numbers };
      })
      .toSorted(byKey);
  } catch {
    return []; // no worker has made the table yet
  }
}

function byKey(a: Row, b: Row): number {
  return a.document < b.document ? -1 : a.document > b.document ? 1 : a.chunk - b.chunk;
}

function float32(vector: Iterable<number>): Float32Array {
  return Float32Array.from(vector);
}

async function end(worker: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (worker.exitCode === null && worker.signalCode === null) {
    const ended = once(worker, 'exit');
    worker.kill(signal);
    await ended;
  }
  return worker.exitCode;
}

async function eventually<T>(look: () => T | Promise<T>, done: (seen: T) => boolean): Promise<T> {
  for (let i = 0; i < 600; i += 1) {
    const seen = await look();
    if (done(seen)) return seen;
    await sleep(100);
  }
  throw new Error(`not so for a minute; last seen: ${JSON.stringify(await look())}`);
}
