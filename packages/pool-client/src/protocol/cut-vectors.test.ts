import { describe, expect, it } from 'vitest';
import { cutVectors, vectorAt } from './cut-vectors.ts';
import { toNumbers } from './vector-bytes.ts';

const cutText = (text: string) => {
  const cut = cutVectors(Buffer.from(text));
  return cut && { skeleton: cut.skeleton, vectors: cut.vectors.map((v) => text.slice(v.start, v.end)) };
};

describe('cutVectors', () => {
  it.each([
    ['a list of lists', '[[1,2],[3]]', [[0], [1]], ['[1,2]', '[3]']],
    ['one flat list', ' [1, 2] ', [0], ['[1, 2]']],
    ['empty lists as they are', '[[],[1],[]]', [[], [0], []], ['[1]']],
    ['no list at all', '{"a":"b"}', { a: 'b' }, []],
    ['lists deep inside', '[[[1]],[[[2]]]]', [[[0]], [[[1]]]], ['[1]', '[2]']],
    ['lists that hold strings as they are', '{"x":["]","["],"y":[7]}', { x: [']', '['], y: [0] }, ['[7]']],
    [
      'a key between two strings with lone brackets',
      '{"a":"[","index":0,"b":"]"}',
      { a: '[', index: 0, b: ']' },
      [],
    ],
    ['an escaped quote before a bracket', '{"a":"\\"[","b":[7]}', { a: '"[', b: [0] }, ['[7]']],
  ])('finds %s', (_, text, skeleton, vectors) => {
    expect(cutText(text)).toStrictEqual({ skeleton, vectors });
  });

  it.each(['', '[', ']', '[[1]', '[1]]', '[1[2]]', '[-[1]]', '[[1] [2]]', '<html>[1]</html>', '{"a":[1]'])(
    'answers undefined for %j',
    (text) => {
      expect(cutText(text)).toBeUndefined();
    },
  );

  it('tells a placeholder from a number that the answer holds itself', () => {
    const cut = cutVectors(Buffer.from('{"data":[{"embedding":0,"x":[9]}]}'));
    expect(cut && vectorAt(cut, 0)).toBeUndefined();
    const whole = cut && vectorAt(cut, [0]);
    expect(whole && toNumbers(whole)).toStrictEqual([9]);
  });

  it('takes linear time for a body of brackets only', () => {
    const brackets = Buffer.concat([Buffer.from('[1'), Buffer.alloc(1_000_000, ']')]);
    expect(cutVectors(brackets)).toBeUndefined();
    expect(cutVectors(Buffer.alloc(1_000_000, '['))).toBeUndefined();
  });
});
