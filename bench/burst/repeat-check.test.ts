import { expect, it } from 'vitest';
import { repeatCheck } from './repeat-check.ts';

const right = '[[1,0],[0,1]]';

it('takes the first answer to each request for the measure', () => {
  const check = repeatCheck(2);
  expect(check(0, 0, right)).toBe('right');
  expect(check(1, 0, '[[0,1],[1,0]]')).toBe('right');
});

it.each([
  ['too few vectors', '[[1,0]]'],
  ['empty vectors', '[[],[]]'],
  ['no JSON', 'oops'],
])('calls %s wrong', (_, body) => {
  expect(repeatCheck(2)(0, 0, body)).toBe('wrong');
});

it.each([
  ['the same up to rounding', '[[1,1e-7],[0,1]]', 'right'],
  ['vectors of other texts', '[[0,1],[1,0]]', 'wrong'],
])('finds %s among later answers', (_, body, verdict) => {
  const check = repeatCheck(2);
  const verdicts = Array.from({ length: 10 }, (_, i) => check(0, 0, i === 0 ? right : body));
  expect(verdicts).toEqual(['right', ...Array(8).fill('unchecked'), verdict]);
});
