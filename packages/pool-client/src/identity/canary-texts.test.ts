import { expect, it } from 'vitest';
import { controlText } from '../protocol/control-text.ts';
import { longCanary, shortCanaries } from './canary-texts.ts';

it('begins with the text that tells a sick backend', () => {
  expect(shortCanaries[0]).toBe(controlText);
});

it('has short texts that are all different and short', () => {
  expect(new Set(shortCanaries).size).toBe(shortCanaries.length);
  expect(Math.max(...shortCanaries.map((text) => text.length))).toBeLessThan(80);
});

it('has one text that no usual limit leaves whole, counted in words or in 4 characters a token', () => {
  expect(longCanary.split(' ')).toHaveLength(768);
  expect(longCanary.length).toBeGreaterThan(4 * 768);
});

it.each([128, 256, 512])('goes on about something else after %i words', (limit) => {
  const words = longCanary.split(' ');
  const before = new Set(words.slice(0, limit));
  expect(words.slice(limit).filter((word) => before.has(word))).toEqual([]);
});
