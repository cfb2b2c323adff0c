import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBody } from './read-body.ts';

/** A request of these pieces, as far as readBody looks at one. */
function request(pieces: readonly Buffer[], headers: Record<string, string> = {}): IncomingMessage {
  const stream = Readable.from(pieces, { objectMode: false });
  Object.defineProperty(stream, 'complete', { get: () => stream.readableEnded });
  // `as` holds for readBody: it reads headers, `complete` and the stream.
  return Object.assign(stream, { headers }) as unknown as IncomingMessage;
}

/** Bounds with room for everything else. */
const upTo = (maxBytes: number) => ({ maxBytes, fits: () => true, full: () => FULL });
const FULL = { kind: 'queue_full', message: 'full', retryAfterS: 1 } as const;

const bytes = (text: string) => Buffer.from(text);

describe('readBody', () => {
  it.each([
    [[], ''],
    [['one'], 'one'],
    [['one', ' ', 'two'], 'one two'],
  ])('joins %j', async (pieces, text) => {
    const body = await readBody(request(pieces.map(bytes)), upTo(100));
    expect(body).toEqual({ kind: 'body', bytes: bytes(text) });
  });

  it('takes exactly as many bytes as allowed', async () => {
    expect(await readBody(request([bytes('12345')]), upTo(5))).toMatchObject({ kind: 'body' });
    expect(await readBody(request([bytes('123'), bytes('456')]), upTo(5))).toMatchObject({
      kind: 'payload_too_large',
      message: expect.stringMatching(/5 bytes \(MAX_REQUEST_BYTES\)/),
    });
  });

  it('refuses by the declared length before it reads anything', async () => {
    const refused = request([bytes('1')], { 'content-length': '6' });
    expect(await readBody(refused, upTo(5))).toMatchObject({
      kind: 'payload_too_large',
      message: expect.stringContaining('6 bytes'),
    });
    expect(refused.readableDidRead).toBe(false);
  });

  it('leaves the rest of a body that is too long to be read away', async () => {
    const refused = request([bytes('123'), bytes('456'), bytes('789')]);
    await readBody(refused, upTo(5));
    expect(refused.destroyed).toBe(false);
  });

  it('counts what a packed body unpacks to', async () => {
    const packed = gzipSync(Buffer.alloc(10_000));
    const headers = { 'content-encoding': 'gzip' };
    expect(await readBody(request([packed], headers), upTo(9_999))).toMatchObject({
      kind: 'payload_too_large',
    });
    expect(await readBody(request([packed], headers), upTo(10_000))).toMatchObject({ kind: 'body' });
  });

  it.each(['compress', 'gzip, br', 'constructor', '__proto__', 'x'.repeat(1_000)])(
    'refuses the coding %s',
    async (encoding) => {
      const refused = await readBody(request([bytes('a')], { 'content-encoding': encoding }), upTo(100));
      expect(refused).toMatchObject({ kind: 'unsupported_media_type' });
      expect('message' in refused && refused.message.length).toBeLessThan(200);
    },
  );

  it.each([
    [25, 'body'],
    [27, 'invalid_request'],
  ])('reads zstd with a window of 2 to the %d as %s', async (windowLog, kind) => {
    // Magic number, no flags, the window, and one last raw block of two bytes.
    const frame = Buffer.from([
      0x28,
      0xb5,
      0x2f,
      0xfd,
      0,
      (windowLog - 10) << 3,
      (2 << 3) | 1,
      0,
      0,
      0x7b,
      0x7d,
    ]);
    expect(await readBody(request([frame], { 'content-encoding': 'zstd' }), upTo(100))).toMatchObject({
      kind,
    });
  });

  it('says that a packed body is broken', async () => {
    const refused = await readBody(request([bytes('no gzip')], { 'content-encoding': 'gzip' }), upTo(100));
    expect(refused).toMatchObject({
      kind: 'invalid_request',
      message: expect.stringContaining('no valid gzip'),
    });
  });

  it('says so as well where it ended in the middle, or before anybody looked', async () => {
    const message = expect.stringContaining('connection');
    const halfway = new PassThrough();
    // `as` holds for readBody, as above.
    const broken = Object.assign(halfway, { headers: {}, complete: false }) as unknown as IncomingMessage;
    const body = readBody(broken, upTo(100));
    halfway.write('half');
    setImmediate(() => halfway.destroy());
    expect(await body).toMatchObject({ kind: 'invalid_request', message });
    expect(await readBody(broken, upTo(100))).toMatchObject({ kind: 'invalid_request', message });
  });

  it('stops at the limit, and goes on for whoever reads the rest away', async () => {
    const source = new PassThrough();
    const refused = Object.assign(source, { headers: {}, complete: false }) as unknown as IncomingMessage;
    source.write('123456');
    expect(await readBody(refused, upTo(5))).toMatchObject({ kind: 'payload_too_large' });
    source.write('789');
    await new Promise(setImmediate);
    expect([refused.destroyed, refused.readableLength]).toEqual([false, 3]);
    const rest: string[] = [];
    refused.on('data', (part: Buffer) => rest.push(part.toString())).resume();
    source.end('0');
    await new Promise((resolve) => refused.once('end', resolve));
    expect(rest.join('')).toBe('7890');
  });

  it.each([
    ['plain', [bytes('123'), bytes('456')], {}],
    ['packed', [gzipSync(bytes('123456'))], { 'content-encoding': 'gzip' }],
  ])(
    'takes no more of a %s body when there is no room beside those of others',
    async (_name, pieces, headers) => {
      let room = 5;
      const fits = (count: number) => {
        room -= count;
        return room >= 0;
      };
      expect(await readBody(request(pieces, headers), { ...upTo(100), fits })).toBe(FULL);
    },
  );

  it('says that the connection ended before the body', async () => {
    const broken = request([]);
    broken.destroy(new Error('aborted'));
    expect(await readBody(broken, upTo(100))).toMatchObject({
      kind: 'invalid_request',
      message: expect.stringContaining('connection'),
    });
  });
});
