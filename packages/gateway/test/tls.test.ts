import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { EmbedderPool } from '@forebay/pool-client';
import { expectedVector, type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { djlApi, embed, MODEL } from './apis.ts';
import { HAS_OPENSSL, makeAuthority, type TestAuthority, type TestCertificate } from './certificates.ts';
import { spawnGateway } from './gateway-process.ts';
import { SOON } from './soon.ts';
import { startTlsFront } from './tls-front.ts';

/** Posts one text over TLS; rejects where the handshake fails. */
function embedOverTls(url: string, tls: RequestOptions, text = 'hello'): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(
      `${url}${djlApi.path}`,
      { method: 'POST', headers, agent: false, ...tls },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => resolve(JSON.parse(Buffer.concat(parts).toString())));
      },
    );
    sent.on('error', reject).end(JSON.stringify({ inputs: text }));
  });
}

describe.skipIf(!HAS_OPENSSL)('TLS (needs openssl on the machine)', () => {
  let ca: TestAuthority;
  let stranger: TestAuthority;
  let server: TestCertificate;
  let client: TestCertificate;
  let backend: SimulatedBackend;

  beforeAll(async () => {
    ca = makeAuthority();
    stranger = makeAuthority();
    server = ca.issue('server');
    client = ca.issue('client');
    backend = await startSimulatedBackend();
  });

  afterAll(async () => {
    await backend?.close();
    ca?.[Symbol.dispose]();
    stranger?.[Symbol.dispose]();
  });

  describe('of the listener', () => {
    const listener = () => ({ PORT: '0', TLS_CERT_FILE: server.certFile, TLS_KEY_FILE: server.keyFile });

    it('serves, announces https, and lives on after a caller without TLS', async () => {
      await using gateway = spawnGateway([], { ...listener(), DJL_URLS: backend.djlUrl });
      const url = await gateway.url;
      expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
      const plain = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
      plain.write('GET /livez HTTP/1.1\r\nhost: x\r\n\r\n');
      await once(plain.resume(), 'close');
      expect(await embedOverTls(url, { ca: ca.cert })).toEqual(expectedVector('hello'));
      await expect(embedOverTls(url, { ca: stranger.cert })).rejects.toThrow(/certificate|issuer/);
      gateway.child.kill('SIGTERM');
      expect((await gateway.ended).stdout).toContain(`${url}/v1`);
    });

    it('lets in only callers with a certificate of TLS_CLIENT_CA_FILE', async () => {
      const env = { ...listener(), TLS_CLIENT_CA_FILE: ca.certFile, DJL_URLS: backend.djlUrl };
      await using gateway = spawnGateway([], env);
      const url = await gateway.url;
      const { cert, key } = client;
      expect(await embedOverTls(url, { ca: ca.cert, cert, key })).toEqual(expectedVector('hello'));
      await expect(embedOverTls(url, { ca: ca.cert })).rejects.toThrow();
      const forged = stranger.issue('client');
      const other = { ca: ca.cert, cert: forged.cert, key: forged.key };
      await expect(embedOverTls(url, other)).rejects.toThrow();
    });

    it('takes a renewed certificate on SIGHUP, and keeps the old one where the new is broken', async () => {
      const [certFile, keyFile] = [join(ca.folder, 'live.pem'), join(ca.folder, 'live.key')];
      const write = ({ cert, key }: { cert: string; key: string }) => {
        writeFileSync(certFile, cert);
        writeFileSync(keyFile, key);
      };
      write(server);
      const env = { PORT: '0', TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, DJL_URLS: backend.djlUrl };
      await using gateway = spawnGateway([], env);
      const url = await gateway.url;
      write({ cert: 'nothing', key: 'nothing' });
      gateway.child.kill('SIGHUP');
      await expect.poll(() => gateway.stderr(), SOON).toContain(`TLS_CERT_FILE ${certFile}`);
      expect(await embedOverTls(url, { ca: ca.cert })).toEqual(expectedVector('hello'));
      write(stranger.issue('renewed'));
      gateway.child.kill('SIGHUP');
      const renewed = () => embedOverTls(url, { ca: stranger.cert }).catch(String);
      await expect.poll(renewed, SOON).toEqual(expectedVector('hello'));
    });
  });

  describe('towards backends', () => {
    it('trusts BACKENDS_CA_FILE and shows the client certificate, also to lists of backends and models', async () => {
      const tls = { ...server, ca: ca.cert, requestCert: true };
      await using front = await startTlsFront(backend.port, tls);
      const list = createServer((_, answer) => {
        // Without a path: it asks the server which models it has.
        answer.end(JSON.stringify({ backends: [{ url: `https://127.0.0.1:${front.port}` }] }));
      });
      await new Promise<void>((resolve) => list.listen(0, '127.0.0.1', resolve));
      const { port } = list.address() as { port: number }; // it listens on a port
      await using listFront = await startTlsFront(port, tls);
      await using gateway = spawnGateway([], {
        PORT: '0',
        BACKENDS_URL: `https://127.0.0.1:${listFront.port}/v1/backends`,
        BACKENDS_CA_FILE: ca.certFile,
        BACKENDS_CLIENT_CERT_FILE: client.certFile,
        BACKENDS_CLIENT_KEY_FILE: client.keyFile,
      });
      const { text } = await embed(await gateway.url, djlApi, 'hello');
      expect(JSON.parse(text)).toEqual(expectedVector('hello'));
      expect(new Set([...front.callers, ...listFront.callers])).toEqual(new Set(['client']));
      list.closeAllConnections();
      list.close();
    });

    it.each([
      ['an authority that it was not told of', () => ({})],
      ['another authority', () => ({ tls: { ca: stranger.cert } })],
    ])('doesn’t embed over %s', async (_name, options) => {
      await using front = await startTlsFront(backend.port, server);
      const url = `https://127.0.0.1:${front.port}/predictions/${MODEL}`;
      await using pool = new EmbedderPool({ backends: [url], ...options() });
      await expect(pool.ready({ timeoutMs: 1_000 })).rejects.toThrow(/certificate/);
      expect(front.callers).not.toContain('client');
    });

    it('embeds from a program that gives the authority', async () => {
      await using front = await startTlsFront(backend.port, server);
      const url = `https://localhost:${front.port}/predictions/${MODEL}`;
      await using pool = new EmbedderPool({ backends: [url], tls: { ca: ca.cert } });
      expect(await pool.encode(['a'])).toEqual([expectedVector('a')]);
    });

    it('goes by ALLOWED_BACKENDS like any other', async () => {
      await using front = await startTlsFront(backend.port, server);
      await using gateway = spawnGateway([], {
        PORT: '0',
        ALLOWED_BACKENDS: '10.0.0.0/8',
        DJL_URLS: `https://localhost:${front.port}/predictions/${MODEL},https://127.0.0.1:${front.port}/predictions/m`,
        BACKENDS_CA_FILE: ca.certFile,
      });
      await gateway.url;
      await expect.poll(() => gateway.stderr(), SOON).toMatch(/outside the allowed backend addresses/);
      expect(gateway.stderr()).toContain('127.0.0.1 is not in ALLOWED_BACKENDS');
      expect(front.callers).toEqual([]);
    });
  });

  it.each<[string, () => Record<string, string>, RegExp]>([
    [
      'a key without its certificate',
      () => ({ TLS_KEY_FILE: server.keyFile }),
      /TLS_KEY_FILE .*TLS_CERT_FILE/,
    ],
    [
      'a file that is not there',
      () => ({ TLS_CERT_FILE: '/nowhere.pem', TLS_KEY_FILE: server.keyFile }),
      /TLS_CERT_FILE \/nowhere\.pem cannot be read/,
    ],
    [
      'the key of another',
      () => ({ TLS_CERT_FILE: server.certFile, TLS_KEY_FILE: client.keyFile }),
      /TLS_KEY_FILE .*client\.key does not belong to the certificate/,
    ],
    [
      'a key as authority',
      () => ({ BACKENDS_CA_FILE: ca.keyFile }),
      /BACKENDS_CA_FILE .* no certificate in PEM/,
    ],
  ])('refuses %s at start, naming variable and file', async (_name, env, message) => {
    const { code, stderr } = await spawnGateway(['--check-config'], { PORT: '0', ...env() }).ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
    expect(stderr).not.toContain('PRIVATE KEY');
  });
});
