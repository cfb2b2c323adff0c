import { expect, it } from 'vitest';
import { parseStat } from './parse-stat.ts';

const line = (name: string, state: string, flags: number) =>
  `4242 (${name}) ${state} 17 4242 4242 0 -1 ${flags} 1 2 3 4 5 6 7 8 20 0 11 0 987654 1000000 200 0\n`;

it.each([
  { what: 'a sleeping program', text: line('node', 'S', 4_194_304), living: true },
  { what: 'a name with blanks and brackets', text: line('a (b) c) S 1', 'R', 4_194_304), living: true },
  { what: 'a zombie', text: line('node', 'Z', 4_194_304), living: false },
  { what: 'a thread of the kernel', text: line('kthreadd', 'S', 2_129_984), living: false },
])('reads $what', ({ text, living }) => {
  expect(parseStat(text)).toEqual({ living, parentPid: 17, startTicks: 987_654 });
});

it('finds nothing in what is no stat', () => {
  expect([parseStat(''), parseStat('4242 (node) S 1')]).toEqual([undefined, undefined]);
});
