import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ResponseReader } from './response-reader.ts';

const withLength = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 5\r\n\r\n[[1]]';
const inChunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[[1\r\n2\r\n]]\r\n0\r\n\r\n';
const closing = 'HTTP/1.1 503 Busy\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';

it.each([
  ['a length', withLength, { status: 200, body: '[[1]]', keepsOpen: true }],
  ['chunks', inChunks, { status: 200, body: '[[1]]', keepsOpen: true }],
  ['nothing, and the end of the connection', closing, { status: 503, body: '', keepsOpen: false }],
])('reads an answer with %s, however it is cut', (_, text, expected) => {
  const bytes = Buffer.from(text);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 6 }), (cuts) => {
      const reader = new ResponseReader();
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const answers = edges
        .slice(1)
        .map((end, i) => bytes.subarray(edges[i], end))
        .filter((piece) => piece.length > 0)
        .map((piece) => reader.push(piece));
      const last = answers.pop();
      expect(answers.every((answer) => answer === undefined)).toBe(true);
      expect(last && { ...last, body: Buffer.concat(last.body).toString() }).toEqual(expected);
    }),
    { seed: 1 },
  );
});

it('reads one answer after the other', () => {
  const reader = new ResponseReader();
  const statuses = [withLength, inChunks, withLength].map((text) => reader.push(Buffer.from(text))?.status);
  expect(statuses).toEqual([200, 200, 200]);
});

it.each([
  ['no HTTP', 'SSH-2.0\r\n\r\n', 'no HTTP/1.1 answer'],
  ['no length', 'HTTP/1.1 200 OK\r\n\r\n', 'without a length'],
  ['more than the answer', `${withLength}x`, '1 bytes follow'],
  ['a chunk without a size', inChunks.replace('3\r\n', 'x\r\n'), 'a chunk without a size'],
])('refuses %s', (_, text, message) => {
  expect(() => new ResponseReader().push(Buffer.from(text))).toThrow(message);
});
