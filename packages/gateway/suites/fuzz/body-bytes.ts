import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { place } from './place.ts';

/** A body as it is sent, with the encoding that its header names. */
export interface SentBody {
  readonly bytes: Buffer;
  readonly encoding: string | undefined;
}

type Change = (bytes: Buffer) => Buffer;

const applied = (bytes: Buffer, changes: readonly Change[]) =>
  changes.reduce<Buffer>((sum, one) => one(sum), bytes);

const at = (bytes: Buffer, share: number) => Math.floor(share * bytes.length);
const insert = (bytes: Buffer, share: number, more: Uint8Array) =>
  Buffer.concat([bytes.subarray(0, at(bytes, share)), more, bytes.subarray(at(bytes, share))]);

/** What is no UTF-8: continuation bytes alone, overlong forms, surrogates, beyond Unicode, cut sequences. */
const notUtf8 = fc.constantFrom(
  ...['80', 'ff', 'c080', 'e08080', 'eda080', 'f4908080', 'f8888080', 'c3', 'e282', 'f09f'].map((hex) =>
    Buffer.from(hex, 'hex'),
  ),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  place.map(
    (share): Change =>
      (bytes) =>
        bytes.subarray(0, at(bytes, share)),
  ),
  fc.constant<Change>((bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])),
  fc.constant<Change>((bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le')),
  fc.constant<Change>((bytes) => Buffer.concat([bytes, bytes])),
  fc.constant<Change>(() => Buffer.alloc(0)),
  fc.tuple(place, notUtf8).map(
    ([share, more]): Change =>
      (bytes) =>
        insert(bytes, share, more),
  ),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(
    ([share, more]): Change =>
      (bytes) =>
        insert(bytes, share, more),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(
    ([share, mask]): Change =>
      (bytes) => {
        const flipped = Buffer.from(bytes);
        const index = Math.min(at(bytes, share), bytes.length - 1);
        if (index >= 0) flipped[index] = (flipped[index] ?? 0) ^ mask;
        return flipped;
      },
  ),
);

const PACKERS: Readonly<Record<string, Change>> = {
  gzip: (bytes) => gzipSync(bytes, { level: 1 }),
  deflate: (bytes) => deflateSync(bytes, { level: 1 }),
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: (bytes) => zstdCompressSync(bytes),
};
const packer = fc.constantFrom(...Object.keys(PACKERS));
const packed = (bytes: Buffer, encoding: string) => PACKERS[encoding]?.(bytes) ?? bytes;

const label = fc.oneof(
  packer,
  fc.constantFrom('identity', 'GZIP', 'x-gzip', 'gzip, br', 'compress', '', 'constructor', '__proto__', '*'),
);

/** The text's bytes, packed rightly or not at all. */
export function soundBytes(text: string): fc.Arbitrary<SentBody> {
  const bytes = Buffer.from(text);
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant<SentBody>({ bytes, encoding: undefined }) },
    { weight: 1, arbitrary: packer.map((encoding) => ({ bytes: packed(bytes, encoding), encoding })) },
  );
}

/** The text's bytes changed, packed, cut while packed, or under another encoding's name. */
export function oddBytes(text: string): fc.Arbitrary<SentBody> {
  const bytes = Buffer.from(text);
  const plain = (changes: readonly Change[]) => applied(bytes, changes);
  const changes = fc.array(change, { maxLength: 2 });
  return fc.oneof(
    { weight: 6, arbitrary: changes.map((all) => ({ bytes: plain(all), encoding: undefined })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(packer, changes)
        .map(([encoding, all]) => ({ bytes: packed(plain(all), encoding), encoding })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(packer, changes).map(([encoding, all]) => ({
        bytes: applied(packed(bytes, encoding), all),
        encoding,
      })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(packer, label)
        .map(([encoding, named]) => ({ bytes: packed(bytes, encoding), encoding: named })),
    },
    { weight: 1, arbitrary: label.map((encoding) => ({ bytes, encoding })) },
  );
}
