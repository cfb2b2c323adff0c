import { connect } from 'node:net';
import { startSimulatedBackend } from '@forebay/testing';
import { expect, it } from 'vitest';
import { djlApi, embed, refusalOf } from './apis.ts';
import { startGatewayUnderTest } from './gateway-under-test.ts';
import { SOON } from './soon.ts';

it('lets no request in while callers leave too many bytes unread, and again when they are gone', async () => {
  await using backend = await startSimulatedBackend();
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl, MAX_ANSWER_BYTES: '1MiB' });
  // Far more than the socket's buffers take.
  const body = JSON.stringify({ inputs: Array.from({ length: 8_000 }, (_, i) => `${i}`) });
  const { port } = new URL(gateway.origin);
  const sleeper = connect(Number(port), '127.0.0.1').pause();
  sleeper.write(
    `POST ${djlApi.path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await expect.poll(async () => (await embed(gateway.origin, djlApi, 'a')).status, SOON).toBe(429);
  const refused = await embed(gateway.origin, djlApi, 'a');
  expect(refusalOf(djlApi, refused)).toMatchObject({
    word: 'WlmCapacityException',
    message: expect.stringContaining('MAX_ANSWER_BYTES'),
  });
  expect(refused.headers['retry-after']).toBe('1');
  sleeper.destroy();
  await expect.poll(async () => (await embed(gateway.origin, djlApi, 'a')).status, SOON).toBe(200);
});

it('cuts off who doesn’t read, so that the others get in again', async () => {
  await using backend = await startSimulatedBackend();
  await using gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl, MAX_ANSWER_BYTES: '1MiB' });
  const body = JSON.stringify({ inputs: Array.from({ length: 3_000 }, (_, i) => `${i}`) });
  const { port } = new URL(gateway.origin);
  const sleeper = connect(Number(port), '127.0.0.1').pause();
  const closed = new Promise((resolve) => sleeper.on('error', () => undefined).on('close', resolve));
  sleeper.write(
    `POST ${djlApi.path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  const status = async () => (await embed(gateway.origin, djlApi, 'a')).status;
  await expect.poll(status, SOON).toBe(429);
  await expect.poll(status, SOON).toBe(200);
  sleeper.resume();
  await closed;
});
