import { describe, expect, it } from 'vitest';
import { requestId } from './request-id.ts';

describe('a request id', () => {
  it.each(['a', 'req 1/2-~', 'x'.repeat(128)])('is the caller’s: %s', (header) => {
    expect(requestId(header, () => 'new')).toBe(header);
  });

  it.each([undefined, '', 'x'.repeat(129), 'é', 'a\tb', ['a', 'b']])(
    'is a new one instead of %j',
    (header) => {
      expect(requestId(header, () => 'new')).toBe('new');
    },
  );
});
