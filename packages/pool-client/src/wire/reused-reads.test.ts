import { expect, it } from 'vitest';
import { ReusedReads } from './reused-reads.ts';

/** Reads like a socket of Node: into the buffer it was given last, then asks for the next one. */
function socketOf(reads: ReusedReads) {
  const waiting: Buffer[] = [];
  const { buffer, callback } = reads.onread;
  // `as` holds: its buffer is a function.
  const nextBuffer = buffer as () => Uint8Array;
  let current = nextBuffer();
  const used = new Set([current]);
  reads.feed({
    push: (part: Buffer) => waiting.push(part) > 0,
    get readableLength() {
      return waiting.reduce((sum, part) => sum + part.length, 0);
    },
  });
  return {
    used,
    arrive(bytes: number, letter: string) {
      current.fill(letter.charCodeAt(0), 0, bytes);
      callback(bytes, current);
      current = nextBuffer();
      used.add(current);
    },
    takeAll: () => waiting.splice(0),
  };
}

const LARGE = 16_384;

it('reads into two buffers for ever where each part is taken', () => {
  const socket = socketOf(new ReusedReads());
  for (const letter of 'abcdefgh') {
    socket.arrive(LARGE, letter);
    expect(socket.takeAll().map(String)).toEqual([letter.repeat(LARGE)]);
  }
  expect(socket.used.size).toBe(2);
});

it('overwrites nothing that was not taken', () => {
  const socket = socketOf(new ReusedReads());
  const letters = [...'abcdefgh'];
  for (const letter of letters) socket.arrive(LARGE, letter);
  expect(socket.takeAll().map(String)).toEqual(letters.map((letter) => letter.repeat(LARGE)));
  for (const letter of letters) {
    socket.arrive(LARGE, letter);
    expect(socket.takeAll().map(String)).toEqual([letter.repeat(LARGE)]);
  }
});

it('gives small parts away for good', () => {
  const socket = socketOf(new ReusedReads());
  const kept: Buffer[] = [];
  for (const letter of 'abcdefgh') {
    socket.arrive(LARGE - 1, letter);
    kept.push(...socket.takeAll());
  }
  expect(kept.map((part) => part.toString()[0]).join('')).toBe('abcdefgh');
});
