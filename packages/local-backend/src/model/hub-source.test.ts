import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@forebay/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { hubSource } from './hub-source.ts';
import { locateModel } from './locate-model.ts';

const TOKENIZER = Buffer.from('{"vocabulary": []}');
const WEIGHTS = Buffer.alloc(300_000, 'weights ');
const FILES = [pinned('tokenizer.json', TOKENIZER), pinned('model.safetensors', WEIGHTS)];

let dir = '';
let server: Server | undefined;
let requests: string[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forebay-'));
  requests = [];
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(dir, { recursive: true });
});

it('fetches every file and tells how far it is', async () => {
  const progress: number[] = [];
  const hub = await startHub(serveRanges);
  await source(hub).fetchInto(dir, (done) => progress.push(done), new AbortController().signal);
  expect(await readFile(join(dir, 'tokenizer.json'))).toEqual(TOKENIZER);
  expect(await readFile(join(dir, 'model.safetensors'))).toEqual(WEIGHTS);
  expect(progress.at(-1)).toBe(TOKENIZER.length + WEIGHTS.length);
});

it('resumes what an earlier process left', async () => {
  await writeFile(join(dir, 'model.safetensors'), WEIGHTS.subarray(0, 100_000));
  await fetchAll(await startHub(serveRanges));
  expect(await readFile(join(dir, 'model.safetensors'))).toEqual(WEIGHTS);
  expect(requests).toContain('model.safetensors bytes=100000-');
});

it('resumes a connection that breaks, for as long as each brings something', async () => {
  const hub = await startHub((request, response) => serveRanges(request, response, 70_000));
  await fetchAll(hub);
  expect(await readFile(join(dir, 'model.safetensors'))).toEqual(WEIGHTS);
  const asked = requests.filter((line) => line.startsWith('model')).map((line) => /bytes=\d+-$/.test(line));
  expect(asked[0]).toBe(false);
  // A connection may break before it has brought anything; once something is there it is built upon.
  const resumed = asked.slice(asked.indexOf(true));
  expect(resumed.length).toBeGreaterThanOrEqual(4);
  expect(resumed).not.toContain(false);
});

it('begins anew where ranges are not understood', async () => {
  await writeFile(join(dir, 'model.safetensors'), Buffer.alloc(100_000, 'other '));
  const hub = await startHub((request, response) => {
    response.end(contentOf(request));
  });
  await fetchAll(hub);
  expect(await readFile(join(dir, 'model.safetensors'))).toEqual(WEIGHTS);
});

it('follows redirects', async () => {
  const hub = await startHub((request, response) => {
    if (request.url?.startsWith('/cdn/')) return serveRanges(request, response);
    response.writeHead(302, { location: `/cdn${request.url}` }).end();
  });
  await fetchAll(hub);
  expect(await readFile(join(dir, 'model.safetensors'))).toEqual(WEIGHTS);
});

it('gives up at once on an answer that will not change', async () => {
  const hub = await startHub((_, response) => response.writeHead(403).end());
  await expect(fetchAll(hub)).rejects.toThrow(/tokenizer\.json answered 403$/);
  expect(requests.length).toBe(1);
});

it('gives up on a hub that brings nothing in three attempts', async () => {
  const hub = await startHub((_, response) => response.writeHead(503).end());
  await expect(fetchAll(hub)).rejects.toThrow(/answered 503$/);
  expect(requests.length).toBe(3);
});

it('stops a hub that sends more than the file has', async () => {
  const hub = await startHub((request, response) =>
    response.end(Buffer.concat([contentOf(request), WEIGHTS])),
  );
  await expect(fetchAll(hub)).rejects.toThrow(/sends more than the 18 bytes of tokenizer\.json/);
});

it('gives up a connection that stalls', async () => {
  const clock = new ManualClock();
  const hub = await startHub((_, response) => {
    response.writeHead(200, { 'content-length': 18 }).write('{');
  });
  const outcome = expect(source(hub, clock).fetchInto(dir, () => undefined, new AbortController().signal));
  const rejected = outcome.rejects.toThrow('nothing came for 30 s');
  const done = new AbortController();
  void rejected.finally(() => done.abort());
  while (!done.signal.aborted) await clock.advance(5_000);
  await rejected;
});

it('ends when it is told to', async () => {
  const stop = new AbortController();
  const hub = await startHub(() => stop.abort(new Error('told to')));
  await expect(source(hub).fetchInto(dir, () => undefined, stop.signal)).rejects.toThrow('told to');
});

it('is thrown away when the hash is wrong, and leaves nothing in the cache', async () => {
  const hub = await startHub((request, response) => {
    const content = Buffer.from(contentOf(request));
    content[5] = 0;
    response.end(content);
  });
  const locating = locateModel({
    modelDir: undefined,
    cacheDir: dir,
    sources: [source(hub)],
    clock: systemClock,
    log: () => undefined,
    progress: { update: () => undefined, end: () => undefined },
    signal: new AbortController().signal,
    files: FILES,
  });
  await expect(locating).rejects.toThrow(
    /hub: tokenizer\.json has sha256 [0-9a-f]{64}, expected [0-9a-f]{64}/,
  );
  expect(await readdir(join(dir, 'all-MiniLM-L6-v2'))).toEqual(['partial-hub']);
  expect(await readdir(join(dir, 'all-MiniLM-L6-v2', 'partial-hub'))).toEqual(['model.safetensors']);
});

function pinned(name: string, content: Buffer) {
  return { name, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

function source(hubUrl: string, clock: ManualClock | typeof systemClock = hasty) {
  return hubSource({ hubUrl, fetch: globalThis.fetch, clock, files: FILES });
}

/** Does not pause between attempts, and never finds that a connection stalls. */
const hasty = {
  nowMs: () => 0,
  sleep: (delayMs: number, signal?: AbortSignal) =>
    delayMs < 30_000 ? Promise.resolve() : systemClock.sleep(delayMs, signal),
};

function fetchAll(hubUrl: string): Promise<void> {
  return source(hubUrl).fetchInto(dir, () => undefined, new AbortController().signal);
}

async function startHub(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<string> {
  const hub = createServer((request, response) => {
    requests.push(`${request.url?.split('/').at(-1)} ${request.headers.range ?? 'whole'}`);
    answer(request, response);
  });
  server = hub;
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(hub.address() as AddressInfo).port}/`; // a port, not a pipe
}

function contentOf(request: IncomingMessage): Buffer {
  const prefix = '/sentence-transformers/all-MiniLM-L6-v2/resolve/main/';
  expect(request.url).toContain(prefix);
  return request.url?.endsWith('tokenizer.json') ? TOKENIZER : WEIGHTS;
}

/** Serves the wanted range, of which at most `mostBytes` before the connection breaks. */
function serveRanges(
  request: IncomingMessage,
  response: ServerResponse,
  mostBytes = Number.POSITIVE_INFINITY,
): void {
  const content = contentOf(request);
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const rest = content.subarray(from);
  const range = `bytes ${from}-${content.length - 1}/${content.length}`;
  response.writeHead(from > 0 ? 206 : 200, {
    'content-length': rest.length,
    ...(from > 0 && { 'content-range': range }),
  });
  if (rest.length <= mostBytes) response.end(rest);
  else {
    // A reset right behind the bytes could overtake them on a busy machine.
    response.write(
      rest.subarray(0, mostBytes),
      () => void systemClock.sleep(50).then(() => response.destroy()),
    );
  }
}
