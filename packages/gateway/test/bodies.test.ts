import { Readable } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expectedVector, type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apis, djlApi, embed, refusalOf } from './apis.ts';
import { exchange, oneConnection, postJson } from './exchange.ts';
import { type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

const MIB = 2 ** 20;
const url = () => `${gateway.origin}${djlApi.path}`;

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

describe.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
  ['deflate', deflateSync],
])('a body in %s', (encoding, pack) => {
  const headers = { 'content-encoding': encoding };

  it.each(apis)('is read by $name', async (api) => {
    const answer = await postJson(
      `${gateway.origin}${api.path}`,
      pack(JSON.stringify(api.body(['packed']))),
      {
        headers,
      },
    );
    expect(answer.status).toBe(200);
    expect(api.vectors(answer.text)).toEqual([expectedVector('packed')]);
  });

  it.each([
    ['broken', (packed: Buffer) => Buffer.concat([packed.subarray(0, 4), Buffer.alloc(40, 0x55)])],
    ['cut short', (packed: Buffer) => packed.subarray(0, packed.length - 6)],
    ['not packed at all', () => Buffer.from('{"inputs":"a"}')],
  ])('that is %s is refused, and the connection goes on', async (_name, spoil) => {
    const agent = oneConnection();
    const packed = pack(JSON.stringify({ inputs: 'a text that is long enough to be packed' }));
    const answer = await postJson(url(), spoil(packed), { headers, agent });
    expect(refusalOf(djlApi, answer)).toMatchObject({ status: 400, word: 'BadRequestException' });
    const next = await embed(gateway.origin, djlApi, ['next'], { agent });
    expect(next).toMatchObject({ status: 200, reusedSocket: true });
    agent.destroy();
  });

  it('counts unpacked: 40 MiB in a few bytes are too many', async () => {
    const agent = oneConnection();
    const answer = await postJson(url(), pack(Buffer.alloc(40 * MIB, 0x20)), { headers, agent });
    expect(refusalOf(djlApi, answer)).toMatchObject({ status: 413, word: 'PayloadTooLargeException' });
    expect((await embed(gateway.origin, djlApi, ['next'], { agent })).status).toBe(200);
    agent.destroy();
  });
});

it('reads codings whatever their case, and `identity`', async () => {
  for (const [encoding, body] of [
    ['GZip', gzipSync('{"inputs":"a"}')],
    ['identity', Buffer.from('{"inputs":"a"}')],
  ] as const) {
    expect((await postJson(url(), body, { headers: { 'content-encoding': encoding } })).status).toBe(200);
  }
});

it('reads 40 MiB away, so that a sender who looks at the answer last sees the 413', async () => {
  const agent = oneConnection();
  const answer = await postJson(url(), Buffer.alloc(40 * MIB, 0x20), { agent });
  expect(refusalOf(djlApi, answer)).toMatchObject({ status: 413, word: 'PayloadTooLargeException' });
  expect(await embed(gateway.origin, djlApi, ['next'], { agent })).toMatchObject({
    status: 200,
    reusedSocket: true,
  });
  agent.destroy();
});

it('says 413 to a stream of 40 MiB without a length', async () => {
  const body = Readable.from(
    (function* () {
      for (let i = 0; i < 40; i += 1) yield Buffer.alloc(MIB, 0x20);
    })(),
  );
  const answer = await exchange(url(), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(refusalOf(djlApi, answer)).toMatchObject({ status: 413 });
});

it('reads a body that comes in pieces, split inside a letter', async () => {
  const bytes = Buffer.from(JSON.stringify({ inputs: 'Zürich 🜁' }));
  const answer = await exchange(url(), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Readable.from([...bytes].map((byte) => Buffer.from([byte]))),
  });
  expect(JSON.parse(answer.text)).toEqual(expectedVector('Zürich 🜁'));
});

it.each(['application/json; charset=utf-8', 'Application/JSON', 'APPLICATION/JSON;CHARSET=UTF-8'])(
  'takes %s for JSON',
  async (type) => {
    const answer = await exchange(url(), { headers: { 'content-type': type }, body: '{"inputs":"a"}' });
    expect(answer.status).toBe(200);
  },
);

it('embeds 1,000 texts of one DJL call, each in its place', async () => {
  const texts = Array.from({ length: 1_000 }, (_, i) => `text ${i}`);
  const answer = await embed(gateway.origin, djlApi, texts);
  expect(answer.status).toBe(200);
  expect(djlApi.vectors(answer.text)).toEqual(texts.map((text) => expectedVector(text)));
});

it('takes 10,000 texts and no more', async () => {
  const agent = oneConnection();
  const texts = Array.from({ length: 10_001 }, (_, i) => `${i}`);
  const refused = await embed(gateway.origin, djlApi, texts, { agent });
  expect(refusalOf(djlApi, refused)).toMatchObject({
    status: 413,
    message: expect.stringMatching(/10000.*10001/),
  });
  const answer = await embed(gateway.origin, djlApi, texts.slice(1), { agent });
  expect({ status: answer.status, reused: answer.reusedSocket }).toEqual({ status: 200, reused: true });
  const vectors = djlApi.vectors(answer.text);
  expect(vectors).toHaveLength(10_000);
  expect([vectors[0], vectors[9_999]]).toEqual([expectedVector('1'), expectedVector('10000')]);
  agent.destroy();
});
