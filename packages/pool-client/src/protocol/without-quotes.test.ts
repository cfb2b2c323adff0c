import { expect, it } from 'vitest';
import { withoutQuotes } from './without-quotes.ts';

it.each([
  ['HTTP 400: my secret text is not valid', 'HTTP 400'],
  ['HTTP 200: Expected 3 vectors, got HTTP 200 with my secret text', 'HTTP 200'],
  ['HTTP 200: Expected 3 vectors, got 2 and my secret text', 'HTTP 200'],
  ['HTTP 200: Expected 3 vectors, got 2\nmy secret text', 'HTTP 200'],
  ['HTTP 200: Expected 3 vectors, got 2', 'HTTP 200: Expected 3 vectors, got 2'],
  ['HTTP 200: Expected 3 vectors, none has index 2', 'HTTP 200: Expected 3 vectors, none has index 2'],
  ['no answer within 30000 ms', 'no answer within 30000 ms'],
  ['Vector 3 of 4 has the norm 0', 'Vector 3 of 4 has the norm 0'],
])('makes of %j: %j', (problem, shown) => {
  expect(withoutQuotes(problem)).toBe(shown);
});
