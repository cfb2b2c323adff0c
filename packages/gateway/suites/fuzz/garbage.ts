import fc from 'fast-check';
import { bytesOf, type FramedCase, type GarbageCase } from './fuzz-case.ts';
import { place } from './place.ts';

const line = fc.constantFrom(
  ...[
    'content-length: 0\r\n',
    'content-length: 5\r\n',
    'content-length: 99999999\r\n',
    'content-length: -1\r\n',
  ],
  ...[
    'transfer-encoding: chunked\r\n',
    'transfer-encoding: gzip\r\n',
    'host: evil.example\r\n',
    ' folded\r\n',
    ': a\r\n',
  ],
  ...[
    '\r\n',
    '\n',
    '\r',
    '\0',
    'x\0: a\r\n',
    'a'.repeat(20_000),
    'x-a : b\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ],
  ...[
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'GET / HTTP/0.9\r\n',
    'GET /\r\n',
    'connection: close\r\n',
  ],
);

/** A good request with lines put in, bytes changed or its end missing; or no request at all. */
export function garbageOf(
  framed: fc.Arbitrary<FramedCase>,
  sound: fc.Arbitrary<FramedCase>,
): fc.Arbitrary<GarbageCase> {
  return fc
    .oneof(
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
      {
        weight: 2,
        arbitrary: fc.tuple(framed, place).map(([one, share]) => {
          const bytes = bytesOf(one);
          return bytes.subarray(0, Math.floor(share * bytes.length));
        }),
      },
      {
        weight: 4,
        arbitrary: fc
          .tuple(sound, fc.array(fc.tuple(place, line), { minLength: 1, maxLength: 3 }))
          .map(([one, lines]) =>
            lines.reduce((text, [share, more]) => putLine(text, share, more), bytesOf(one)),
          ),
      },
      { weight: 1, arbitrary: fc.tuple(sound, sound, sound).map((all) => Buffer.concat(all.map(bytesOf))) },
    )
    .map((bytes): GarbageCase => ({ kind: 'garbage', bytes }));
}

/** Puts a line before one of the lines of the head, or anywhere in the first 400 bytes. */
function putLine(bytes: Buffer, share: number, more: string): Buffer {
  const anywhere = Math.floor(share * Math.min(bytes.length, 400));
  const next = bytes.indexOf('\r\n', anywhere);
  const index = next < 0 || share < 0.2 ? anywhere : next + 2;
  return Buffer.concat([bytes.subarray(0, index), Buffer.from(more, 'latin1'), bytes.subarray(index)]);
}
