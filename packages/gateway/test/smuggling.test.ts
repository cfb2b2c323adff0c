import { type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { djlApi, embed, MODEL } from './apis.ts';
import { oneConnection } from './exchange.ts';
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

const START = `POST /predictions/${MODEL} HTTP/1.1\r\n`;
const POST = `${START}host: localhost\r\ncontent-type: application/json\r\n`;
const BODY = '{"inputs":"a"}';
/** What a smuggler wants to be served as a request of its own, or of the next caller on this connection. */
const HIDDEN = 'GET /hidden HTTP/1.1\r\nhost: localhost\r\nx-request-id: hidden\r\nconnection: close\r\n\r\n';
const LENGTH = `content-length: ${BODY.length}\r\n`;
const CHUNKED = `\r\n${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

/** The status lines of all answers that came, and whether the hidden request was one of those answered. */
async function outcome(bytes: string) {
  const text = await talkTo(gateway.origin, bytes);
  return {
    statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)),
    hidden: text.includes('x-request-id: hidden'),
  };
}

describe('a request that two readers could read in two ways', () => {
  it.each([
    ['a length and chunks', `${POST}${LENGTH}transfer-encoding: chunked\r\n${CHUNKED}`],
    ['chunks and a length', `${POST}transfer-encoding: chunked\r\n${LENGTH}${CHUNKED}`],
    ['two lengths', `${POST}${LENGTH}content-length: 0\r\n\r\n${BODY}`],
    ['the same length twice', `${POST}${LENGTH}${LENGTH}\r\n${BODY}`],
    ['two lengths in one header', `${POST}content-length: 14, 0\r\n\r\n${BODY}`],
    ['a length with a sign', `${POST}content-length: +14\r\n\r\n${BODY}`],
    ['a length below zero', `${POST}content-length: -1\r\n\r\n${BODY}`],
    ['a length in hexadecimal', `${POST}content-length: 0xe\r\n\r\n${BODY}`],
    ['a length beyond all numbers', `${POST}content-length: 18446744073709551630\r\n\r\n${BODY}`],
    ['an empty length', `${POST}content-length: \r\n\r\n${BODY}`],
    ['a folded header', `${POST}x-a: 1\r\n ${LENGTH}\r\n${BODY}`],
    ['a folded coding', `${POST}transfer-encoding:\r\n chunked\r\n${CHUNKED}`],
    ['a space before the colon', `${POST}transfer-encoding : chunked\r\n${CHUNKED}`],
    ['a name that begins with a space', `${START} host: x\r\n${LENGTH}\r\n${BODY}`],
    ['a bare CR in a value', `${POST}x-a: 1\rtransfer-encoding: chunked\r\n${LENGTH}\r\n${BODY}`],
    ['a NUL in a value', `${POST}x-a: 1\0\r\n${LENGTH}\r\n${BODY}`],
    ['bare LFs', `${POST}${LENGTH}\r\n${BODY}`.replaceAll('\r\n', '\n')],
    ['a coding that is none', `${POST}transfer-encoding: xchunked\r\n${CHUNKED}`],
    ['chunks that are not last', `${POST}transfer-encoding: chunked, identity\r\n${CHUNKED}`],
    [
      'two codings',
      `${POST}transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n${LENGTH}${CHUNKED}`,
    ],
    ['chunked with a tab before it', `${POST}transfer-encoding: \x0bchunked\r\n${CHUNKED}`],
    ['a chunk length with a sign', `${POST}transfer-encoding: chunked\r\n\r\n+e\r\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk length in 0x', `${POST}transfer-encoding: chunked\r\n\r\n0xe\r\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk with bare LFs', `${POST}transfer-encoding: chunked\r\n\r\ne\n${BODY}\n0\n\n`],
    ['a chunk longer than it says', `${POST}transfer-encoding: chunked\r\n\r\n5\r\n${BODY}\r\n0\r\n\r\n`],
    [
      'a chunk extension with a bare LF',
      `${POST}transfer-encoding: chunked\r\n\r\ne;a\n${BODY}\r\n0\r\n\r\n`,
    ],
    ['no Host', `${START}content-type: application/json\r\n${LENGTH}\r\n${BODY}`],
    ['chunks in HTTP/1.0', `${POST.replace('1.1', '1.0')}transfer-encoding: chunked\r\n${LENGTH}${CHUNKED}`],
    ['HTTP/1.2', `${POST.replace('1.1', '1.2')}${LENGTH}\r\n${BODY}`],
    ['HTTP/2 in words', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a whole URL', `${POST.replace('POST /', 'POST http://evil.example/')}${LENGTH}\r\n${BODY}`],
    [
      'a whole URL of an admin route',
      'GET http://evil.example/admin/backends HTTP/1.1\r\nhost: localhost\r\n\r\n',
    ],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nhost: localhost\r\n\r\n'],
    ['a target without a slash', 'GET admin/backends HTTP/1.1\r\nhost: localhost\r\n\r\n'],
    ['a tunnel', 'CONNECT evil.example:80 HTTP/1.1\r\nhost: evil.example\r\n\r\n'],
    ['a space in the target', `POST /predictions/a b HTTP/1.1\r\nhost: x\r\n${LENGTH}\r\n${BODY}`],
  ])('is refused with all that follows: %s', async (_name, bytes) => {
    const { statuses, hidden } = await outcome(bytes + HIDDEN);
    expect(statuses.length).toBeLessThanOrEqual(1);
    expect([undefined, 400, 404, 501, 505]).toContain(statuses[0]);
    expect(hidden).toBe(false);
    expect((await embed(gateway.origin, djlApi, 'a')).status).toBe(200);
  });

  it.each([
    ['chunks in any case', `${POST}Transfer-Encoding: ChUnKeD\r\n${CHUNKED}`],
    ['spaces around a length', `${POST}content-length:    ${BODY.length}  \r\n\r\n${BODY}`],
    ['a length with zeros before it', `${POST}content-length: 0014\r\n\r\n${BODY}`],
    ['a chunk extension', `${POST}transfer-encoding: chunked\r\n\r\ne;a=b\r\n${BODY}\r\n0\r\n\r\n`],
    ['trailers', `${POST}transfer-encoding: chunked\r\n\r\ne\r\n${BODY}\r\n0\r\nhost: evil.example\r\n\r\n`],
  ])('or read the one way there is, and so is the next: %s', async (_name, bytes) => {
    expect(await outcome(bytes + HIDDEN)).toEqual({ statuses: [200, 404], hidden: true });
  });

  it.each(['h2c', 'websocket'])(
    'is answered in HTTP/1.1 where it wishes for %s, and so is the next',
    async (protocol) => {
      const wish = `${POST}upgrade: ${protocol}\r\nconnection: upgrade\r\n${LENGTH}\r\n${BODY}`;
      expect(await talkTo(gateway.origin, wish, /\]\s*$/)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      // Java's HttpClient wishes for h2c in each request.
      const agent = oneConnection();
      const headers = { upgrade: protocol, connection: 'upgrade' };
      for (const reusedSocket of [false, true]) {
        const answer = await embed(gateway.origin, djlApi, 'a', { agent, headers });
        expect(answer).toMatchObject({ status: 200, reusedSocket });
      }
      agent.destroy();
    },
  );

  it('may not name two hosts where the host decides', async () => {
    const get = 'GET /admin/backends HTTP/1.1\r\nhost: localhost\r\n';
    const status = async (more: string) => (await outcome(`${get}${more}connection: close\r\n\r\n`)).statuses;
    expect(await status('')).toEqual([200]);
    expect(await status('host: evil.example\r\n')).toEqual([403]);
  });

  it('has one key where it gives several: the first Authorization', async () => {
    await using closed = await startGatewayUnderTest(
      { DJL_URLS: backend.djlUrl, HOST: '0.0.0.0' },
      { keys: [{ key: 'right', tenant: 'acme' }] },
    );
    const ask = async (headers: string) => {
      const bytes = `${POST}${headers}connection: close\r\n${LENGTH}\r\n${BODY}`;
      return /HTTP\/1\.1 (\d{3})/.exec(await talkTo(closed.origin, bytes))?.[1];
    };
    const [right, wrong] = ['authorization: Bearer right\r\n', 'authorization: Bearer wrong\r\n'];
    expect(await ask(right + wrong)).toBe('200');
    expect(await ask(wrong + right)).toBe('401');
  });

  it('is refused with 417 where it expects what nobody knows', async () => {
    const bytes = `${POST}expect: the-moon\r\nconnection: close\r\n${LENGTH}\r\n${BODY}`;
    expect((await outcome(bytes)).statuses).toEqual([417]);
  });
});
