import fc from 'fast-check';
import { place } from './place.ts';

const at = (bytes: Buffer, share: number) => Math.floor(share * bytes.length);

/** A change of bytes: one flipped, some lost, some put in, or a stretch that comes twice. */
export const bytesChange = fc.oneof(
  fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([share, mask]) => (bytes: Buffer) => {
    const flipped = Buffer.from(bytes);
    const index = Math.min(at(bytes, share), bytes.length - 1);
    flipped[index] = (flipped[index] ?? 0) ^ mask;
    return flipped;
  }),
  fc.tuple(place, fc.integer({ min: 1, max: 2_000 })).map(
    ([share, length]) =>
      (bytes: Buffer) =>
        Buffer.concat([bytes.subarray(0, at(bytes, share)), bytes.subarray(at(bytes, share) + length)]),
  ),
  fc.tuple(place, fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 6 }), jsonPieces())).map(
    ([share, more]) =>
      (bytes: Buffer) =>
        Buffer.concat([bytes.subarray(0, at(bytes, share)), more, bytes.subarray(at(bytes, share))]),
  ),
  fc.tuple(place, place).map(([from, to]) => (bytes: Buffer) => {
    const [start, end] = [at(bytes, Math.min(from, to)), at(bytes, Math.max(from, to))];
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
  }),
);

function jsonPieces() {
  return fc
    .constantFrom(
      '[',
      ']',
      ',',
      '],[',
      '[[',
      ',,',
      '"',
      '{',
      'null,',
      'NaN,',
      '1e999,',
      '-',
      '.',
      'e',
      '\0',
      '\ufeff',
    )
    .map((piece) => Buffer.from(piece));
}
