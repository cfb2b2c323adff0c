import { once } from 'node:events';
import { Agent, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { startSimulatedBackend } from '@forebay/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { createListener, LISTENER_LIMITS, type ListenerOptions } from '../src/listener.ts';
import { djlApi, embed } from './apis.ts';
import { exchange, oneConnection } from './exchange.ts';
import { startGatewayUnderTest } from './gateway-under-test.ts';
import { SOON } from './soon.ts';

/** The gateway's limits of time, so small that a test can wait for them. */
const HASTY = { ...LISTENER_LIMITS, headersMs: 300, requestMs: 600, keepAliveMs: 300, checkMs: 50 };

const open: { server?: Server; sockets: Socket[] } = { sockets: [] };

afterEach(() => {
  for (const socket of open.sockets.splice(0)) socket.destroy();
  open.server?.closeAllConnections();
  open.server?.close();
});

async function listen(
  options: Partial<ListenerOptions> = {},
  answer = (_request: IncomingMessage, response: ServerResponse) => void response.end('ok'),
): Promise<number> {
  const all = { maxConnections: 100, onRefused: () => undefined, limits: HASTY, ...options };
  open.server = createListener(all, answer);
  await once(open.server.listen(0, '127.0.0.1'), 'listening');
  return (open.server.address() as AddressInfo).port; // it listens on a port
}

function dial(port: number): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  open.sockets.push(socket);
  return socket;
}

/** Writes the first piece, then one more each 50 ms; what comes back until the other side ends it. */
async function dribble(port: number, first: string, drop: string): Promise<string> {
  const socket = dial(port);
  let text = '';
  socket.on('data', (part) => {
    text += part;
  });
  socket.write(first);
  const timer = setInterval(() => socket.write(drop), 50);
  await once(socket, 'close');
  clearInterval(timer);
  return text;
}

const POST = 'POST / HTTP/1.1\r\nhost: x\r\n';

describe('the listener', () => {
  it.each([
    ['says nothing', '', ''],
    ['dribbles its headers', POST, 'x'],
    ['dribbles ever more of them', POST, 'x-more: 1\r\n'],
    ['dribbles its body', `${POST}content-length: 100000\r\n\r\n`, 'x'],
    ['dribbles chunks', `${POST}transfer-encoding: chunked\r\n\r\n`, '1\r\nx\r\n'],
  ])('sends away who %s, with 408', async (_name, first, drop) => {
    // It answers when the body is whole, as the gateway does.
    const port = await listen(
      {},
      (request, response) => void request.resume().on('end', () => response.end('ok')),
    );
    expect(await dribble(port, first, drop)).toMatch(/^HTTP\/1\.1 408 /);
    expect((await exchange(`http://127.0.0.1:${port}`)).text).toBe('ok');
  });

  it('closes a connection that asks nothing more', async () => {
    const port = await listen();
    const socket = dial(port);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket.resume(), 'close');
  });

  it('cuts off neither who waits long for an answer nor who asks again after a while', async () => {
    const limits = { ...HASTY, keepAliveMs: 60_000 };
    const slow = (_: IncomingMessage, response: ServerResponse) =>
      void setTimeout(() => response.end('ok'), 900);
    const url = `http://127.0.0.1:${await listen({ limits }, slow)}`;
    const agent = oneConnection();
    expect(await exchange(url, { agent })).toMatchObject({ text: 'ok', reusedSocket: false });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await exchange(url, { agent })).toMatchObject({ text: 'ok', reusedSocket: true });
    agent.destroy();
  });

  it('drops no header without a word: it takes them all, or says 431', async () => {
    const port = await listen({}, (request, response) => void response.end(request.headers['x-last']));
    const many = (count: number) =>
      `${Array.from({ length: count }, (_, i) => `${i}:\r\n`).join('')}x-last: seen\r\n`;
    const ask = async (count: number) => {
      const socket = dial(port);
      socket.write(`GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${many(count)}\r\n`);
      const parts: Buffer[] = [];
      socket.on('data', (part: Buffer) => parts.push(part));
      await once(socket, 'close');
      return Buffer.concat(parts).toString();
    };
    expect(await ask(2_200)).toMatch(/^HTTP\/1\.1 200 OK.*seen$/s);
    expect(await ask(6_000)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('gives the places of idle connections to new ones when all are taken, and tells so', async () => {
    let refused = 0;
    const limits = { ...HASTY, keepAliveMs: 60_000 };
    const port = await listen({ maxConnections: 2, limits, onRefused: () => (refused += 1) });
    const url = `http://127.0.0.1:${port}`;
    const agents = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
    for (const agent of agents) expect((await exchange(url, { agent })).text).toBe('ok');
    const next = () => exchange(url).then(({ text }) => text, String);
    await expect.poll(next, SOON).toBe('ok');
    expect(refused).toBeGreaterThan(0);
    for (const agent of agents) agent.destroy();
  });

  it('gives no answer to a broken request that the caller could take for the answer to the one before', async () => {
    const waiting: ServerResponse[] = [];
    const port = await listen({}, (_request, response) => void waiting.push(response));
    const socket = dial(port);
    let text = '';
    socket.on('data', (part) => {
      text += part;
    });
    socket.write('GET /first HTTP/1.1\r\nhost: x\r\n\r\nno http at all\r\n\r\n');
    await once(socket, 'close');
    expect({ text, waiting: waiting.length }).toEqual({ text: '', waiting: 1 });
  });
});

it('lets bodies that stall keep nobody out: the slowest is cut off when there is no room', async () => {
  await using backend = await startSimulatedBackend();
  const env = { DJL_URLS: backend.djlUrl, MAX_QUEUED_BYTES: '1MiB', MAX_REQUEST_BYTES: '1MiB' };
  await using gateway = await startGatewayUnderTest(env);
  const port = Number(new URL(gateway.origin).port);
  const stalled = Array.from({ length: 4 }, () => {
    const socket = dial(port);
    const head = `POST ${djlApi.path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;
    socket.write(`${head}content-length: 1000000\r\n\r\n["${'x'.repeat(299_000)}`);
    return socket;
  });
  const text = 'y'.repeat(200_000);
  const status = async () => (await embed(gateway.origin, djlApi, text)).status;
  await expect.poll(status, SOON).toBe(429);
  await expect.poll(status, SOON).toBe(200);
  expect(stalled.some((socket) => socket.destroyed || socket.readableEnded)).toBe(true);
  for (const socket of stalled) socket.destroy();
});
