import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { bytesChange } from './bytes-change.ts';
import { place } from './place.ts';

/** What goes over the wire instead of an honest answer. */
export interface SpoiledAnswer {
  readonly bytes: Buffer;
  /** What becomes of the connection then. */
  readonly end: 'stays' | 'ends' | 'resets';
}

/** One way to spoil an answer; `other` is a sound body with vectors of other texts, as many. */
export interface Mutation {
  readonly name: string;
  spoil(body: Buffer, other: Buffer): SpoiledAnswer;
}

type Spoil = Mutation['spoil'];

/** An answer in HTTP/1.1 with these header lines instead of a length. */
export function httpAnswer(body: Buffer, lines: string, status = '200 OK'): Buffer {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${lines}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

export const withLength = (body: Buffer, more = '', status = '200 OK') =>
  httpAnswer(body, `content-length: ${body.length}\r\n${more}`, status);
const staying = (bytes: Buffer): SpoiledAnswer => ({ bytes, end: 'stays' });

const at = (bytes: Buffer, share: number) => Math.floor(share * bytes.length);
const ways = <T>(name: string, values: fc.Arbitrary<T>, how: (value: T) => Spoil): fc.Arbitrary<Mutation> =>
  values.map((value) => ({ name, spoil: how(value) }));

const LENGTHS = ['-1', '0', '1', '1e3', '0x10', '', 'NaN', '99999999', '18446744073709551616', '5, 6', '+7'];
const CHUNKED = 'transfer-encoding: chunked\r\n';
const chunk = (size: string, body: Buffer, end: string) =>
  Buffer.concat([Buffer.from(`${size}\r\n`), body, Buffer.from(end)]);

/** All the ways. */
export const mutations: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 6,
    arbitrary: ways('body', bytesChange, (change) => (body) => staying(withLength(change(body)))),
  },
  {
    weight: 3,
    arbitrary: ways('any byte', bytesChange, (change) => (body) => staying(change(withLength(body)))),
  },
  {
    weight: 3,
    arbitrary: ways('head', bytesChange, (change) => (body) => {
      const whole = withLength(body);
      const headEnd = whole.length - body.length;
      return staying(Buffer.concat([change(whole.subarray(0, headEnd)), body]));
    }),
  },
  {
    weight: 2,
    arbitrary: ways(
      'length',
      fc.constantFrom(...LENGTHS),
      (length) => (body) => staying(httpAnswer(body, `content-length: ${length}\r\n`)),
    ),
  },
  {
    weight: 2,
    arbitrary: ways(
      'length off',
      fc.integer({ min: -500, max: 500 }),
      (by) => (body) => staying(httpAnswer(body, `content-length: ${Math.max(0, body.length + by)}\r\n`)),
    ),
  },
  {
    weight: 2,
    arbitrary: ways(
      'chunks',
      fc.tuple(
        fc.constantFrom('', '0', 'f', '-', 'x', ';a=b', ' ', 'ffffffffffffffff'),
        fc.constantFrom(
          '\r\n0\r\n\r\n',
          '\r\n0\r\n',
          '',
          '0\r\n\r\n',
          '\r\n0\r\ncontent-length: 1\r\n\r\n',
          '\r\n1\r\n',
        ),
      ),
      ([more, end]) =>
        (body) =>
          staying(httpAnswer(chunk(`${body.length.toString(16)}${more}`, body, end), CHUNKED)),
    ),
  },
  {
    weight: 1,
    arbitrary: ways(
      'chunks and length',
      fc.integer({ min: 0, max: 99 }),
      (length) => (body) =>
        staying(
          httpAnswer(
            chunk(body.length.toString(16), body, '\r\n0\r\n\r\n'),
            `${CHUNKED}content-length: ${length}\r\n`,
          ),
        ),
    ),
  },
  {
    weight: 2,
    arbitrary: ways(
      'status',
      fc.integer({ min: 100, max: 599 }),
      (status) => (body) => staying(withLength(body, '', `${status} Odd`)),
    ),
  },
  {
    weight: 2,
    arbitrary: ways(
      'headers',
      fc.constantFrom(
        ...[`x-a: ${'a'.repeat(10_000)}\r\n`, `x-a: ${'a'.repeat(100_000)}\r\n`, 'x-a: 1\r\n'.repeat(3_000)],
        ...[
          'connection: close\r\n',
          'content-encoding: gzip\r\n',
          'content-length: 3\r\n',
          'x\0: a\r\n',
          ': a\r\n',
        ],
        ...[
          'retry-after: 99999\r\n',
          '__proto__: a\r\n',
          'content-type: text/html\r\n',
          'upgrade: h2c\r\n',
          ' x: a\r\n',
        ],
        ...['location: http://127.0.0.1:1/\r\n', 'keep-alive: timeout=0\r\n', 'trailer: a\r\n'],
      ),
      (lines) => (body) => staying(withLength(body, lines)),
    ),
  },
  {
    weight: 3,
    arbitrary: ways('cut off', fc.tuple(place, fc.boolean()), ([share, resets]) => (body) => {
      const whole = withLength(body);
      return { bytes: whole.subarray(0, at(whole, share)), end: resets ? 'resets' : 'ends' };
    }),
  },
  {
    weight: 2,
    arbitrary: ways(
      'twice',
      fc.boolean(),
      (same) => (body, other) => staying(Buffer.concat([withLength(body), withLength(same ? body : other)])),
    ),
  },
  {
    weight: 1,
    arbitrary: ways(
      'more after it',
      fc.uint8Array({ minLength: 1, maxLength: 50 }),
      (more) => (body) => staying(Buffer.concat([withLength(body), more])),
    ),
  },
  {
    weight: 1,
    arbitrary: ways(
      'packed',
      fc.boolean(),
      (named) => (body) => staying(withLength(gzipSync(body), named ? 'content-encoding: gzip\r\n' : '')),
    ),
  },
  {
    weight: 1,
    arbitrary: ways(
      'interim',
      fc.constantFrom(100, 102, 103, 101, 199),
      (status) => (body) =>
        staying(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Odd\r\nx-a: b\r\n\r\n`), withLength(body)])),
    ),
  },
);
