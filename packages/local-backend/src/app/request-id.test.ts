import { expect, it } from 'vitest';
import { requestId } from './request-id.ts';

it.each([
  ['printable', 'job-17 (retry)', 'job-17 (retry)'],
  ['128 long', 'x'.repeat(128), 'x'.repeat(128)],
  ['129 long', 'x'.repeat(129), 'made'],
  ['absent', undefined, 'made'],
  ['empty', '', 'made'],
  ['not ASCII', 'é', 'made'],
  ['a control character', 'a\tb', 'made'],
])('keeps or replaces an id that is %s', (_, given, expected) => {
  expect(requestId(given, () => 'made')).toBe(expected);
});
