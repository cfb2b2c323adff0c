import { expect, it } from 'vitest';
import { parseRetryAfterMs } from './parse-retry-after.ts';

it.each([
  ['0', 0],
  ['2', 2000],
  [' 120 ', 120_000],
  ['0.25', 250],
  [undefined, undefined],
  ['', undefined],
  ['-1', undefined],
  ['1e3', undefined],
  ['1, 2', undefined],
  ['9999999999', undefined],
  ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
])('reads Retry-After %j as %j ms', (header, expected) => {
  expect(parseRetryAfterMs(header)).toBe(expected);
});
