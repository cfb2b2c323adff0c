import { type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { djlApi, embed, MODEL } from './apis.ts';
import { type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';
import { talkTo } from './talk-to.ts';

let backend: SimulatedBackend;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  backend = await startSimulatedBackend();
  gateway = await startGatewayUnderTest({ DJL_URLS: backend.djlUrl });
});

afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

const talk = (bytes: string, until?: RegExp) => talkTo(gateway.origin, bytes, until);
const POST = `POST /predictions/${MODEL} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;

it.each([
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['a header without end', `${POST}x-long: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
  ['two lengths', `${POST}content-length: 5\r\ncontent-length: 6\r\n\r\n`, 400],
  ['a length and chunks', `${POST}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ['a broken chunk', `${POST}transfer-encoding: chunked\r\n\r\nzz\r\n`, 400],
])('answers %s with an error, and lives on', async (_name, bytes, status) => {
  expect(await talk(bytes)).toMatch(new RegExp(`^(HTTP/1\\.1 ${status} |$)`));
  expect((await embed(gateway.origin, djlApi, 'a')).status).toBe(200);
});

it('answers requests that come in one piece in their order', async () => {
  const body = (text: string) => JSON.stringify({ inputs: [text] });
  const request = (text: string) =>
    `${POST}x-request-id: ${text}\r\ncontent-length: ${body(text).length}\r\n\r\n${body(text)}`;
  const answer = await talk(request('one') + request('two') + request('six'), /x-request-id: six.*\]\]/s);
  expect([...answer.matchAll(/x-request-id: (\w+)/g)].map(([, id]) => id)).toEqual(['one', 'two', 'six']);
});

it('answers HTTP/1.0 and closes', async () => {
  const answer = await talk(
    `POST /predictions/${MODEL} HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n{"inputs":"a"}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});
