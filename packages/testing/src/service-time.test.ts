import { expect, it } from 'vitest';
import { paddedTokens, serviceTimeMs, withJitter } from './service-time.ts';

it.each([
  ['an empty text', [''], 1],
  ['a short text', ['abcd'], 1],
  ['five characters', ['abcde'], 2],
  ['texts of unlike length, padded to the longest', ['a'.repeat(40), 'b', 'c'], 30],
])('counts the tokens of %s', (_name, texts, tokens) => {
  expect(paddedTokens(texts)).toBe(tokens);
});

it('counts no tokens that are cut off', () => {
  expect(paddedTokens(['a'.repeat(4000), 'b'], 128)).toBe(256);
});

it('adds the fixed time, the time of the texts and the time of the tokens', () => {
  expect(serviceTimeMs(['abcdefgh', 'a'], { aMs: 6, bMs: 0.5, cMs: 0.25 })).toBe(6 + 2 * 0.5 + 4 * 0.25);
});

it.each([
  [0, 8],
  [0.5, 10],
  [1, 12],
])('changes 10 ms with a jitter of 0.2 and chance %s to %s', (chance, timeMs) => {
  expect(withJitter(10, 0.2, () => chance)).toBeCloseTo(timeMs, 9);
});
