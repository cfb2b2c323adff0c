import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { startCannedServer } from './canned-server.test-support.ts';
import { cannedExposition } from './exposition.test-support.ts';
import { readGateway } from './read-gateway.ts';

const signal = new AbortController().signal;
const clock = systemClock;

it('reads what a gateway says', async () => {
  const body = cannedExposition({ queued: 7, held: 2, received: 12 });
  await using server = await startCannedServer((request, response) => {
    response.end(request.url === '/metrics' ? body : '');
  });
  const url = `${server.url}/metrics`;
  const manual = new ManualClock(5_000);
  expect(await readGateway(url, { clock: manual, signal })).toEqual({
    kind: 'read',
    gateway: url,
    beganAtMs: 5_000,
    queuedChunks: new Map([['default', 7]]),
    queueOldestSeconds: 0,
    queuedWorkSeconds: 0,
    receivedTotal: 12,
    requestsTotal: 0,
    heldRequests: 2,
    latencyBuckets: [],
    backends: new Map(),
  });
  expect(manual.pendingSleeps).toBe(0);
});

it('reads a compressed answer', async () => {
  const body = gzipSync(cannedExposition({ queued: 7 }));
  await using server = await startCannedServer((_, response) => {
    response.setHeader('content-encoding', 'gzip').end(body);
  });
  expect(await readGateway(`${server.url}/metrics`, { clock, signal })).toMatchObject({ kind: 'read' });
});

it.each([
  [503, 'answered 503'],
  [302, 'answered 302'],
  [404, 'answered 404'],
])('says that it answered %i', async (status, problem) => {
  await using server = await startCannedServer((_, response) => {
    response.writeHead(status, { location: '/elsewhere' }).end('no');
  });
  const url = `${server.url}/metrics`;
  expect(await readGateway(url, { clock: new ManualClock(5_000), signal })).toEqual({
    kind: 'failed',
    gateway: url,
    beganAtMs: 5_000,
    reason: `${url} ${problem}`,
  });
});

async function reasonOf(port: number, options: { maxBytes?: number; timeoutMs?: number } = {}) {
  const url = `http://127.0.0.1:${port}/metrics`;
  const reading = await readGateway(url, { clock, signal, ...options });
  return reading.kind === 'failed' ? reading.reason.replace(`${url} `, '') : reading;
}

it('says that nobody listens', async () => {
  const server = await startCannedServer(() => undefined);
  await server[Symbol.asyncDispose]();
  expect(await reasonOf(server.port)).toBe('could not be reached: ECONNREFUSED');
});

it('says that the answer is longer than it may be, also when it is so only decompressed', async () => {
  await using long = await startCannedServer((_, response) => {
    response.write('a'.repeat(600));
    response.write('a'.repeat(600)); // and never ends
  });
  expect(await reasonOf(long.port, { maxBytes: 1_000 })).toBe('answered more than 1000 bytes');
  await using bomb = await startCannedServer((_, response) => {
    response.setHeader('content-encoding', 'gzip').end(gzipSync('a'.repeat(1_001)));
  });
  expect(await reasonOf(bomb.port, { maxBytes: 1_000 })).toBe('answered more than 1000 bytes');
});

it('says that the answer broke off', async () => {
  await using server = await startCannedServer((_, response) => {
    response.writeHead(200, { 'content-length': 1_000 }).write('up 1\n');
    response.write('', () => response.destroy());
  });
  expect(await reasonOf(server.port)).toMatch(
    /^could not be reached: (UND_ERR_SOCKET|other side closed|terminated)/,
  );
});

it('says that it is no HTTP', async () => {
  const server = createServer((socket) => socket.end('hello\r\n\r\n')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  expect(await reasonOf(port)).toMatch(/^could not be reached: .*HTTP/);
  server.close();
});

it.each([
  ['before the head', false],
  ['in the body', true],
])('gives up at the deadline when it hangs %s', async (_, headSent) => {
  await using server = await startCannedServer((_, response) => {
    if (headSent) response.write('up 1\n');
  });
  const manual = new ManualClock(0);
  const url = `${server.url}/metrics`;
  const reading = readGateway(url, { clock: manual, signal });
  await manual.advance(2_999);
  expect(manual.pendingSleeps).toBe(1);
  await manual.advance(1);
  expect(await reading).toMatchObject({ kind: 'failed', reason: `${url} did not answer within 3000 ms` });
});

it('ends at once when the scaler stops', async () => {
  await using server = await startCannedServer(() => undefined);
  const url = `${server.url}/metrics`;
  const stop = new AbortController();
  const reading = readGateway(url, { clock, signal: stop.signal });
  stop.abort();
  expect(await reading).toMatchObject({ reason: `${url} was not waited for: the scaler is stopping` });
});
