import { expect, it } from 'vitest';
import { clientErrorStatus } from './client-error.ts';

it.each([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Payload Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
  ['HPE_INVALID_HEADER_TOKEN', '400 Bad Request'],
  [undefined, '400 Bad Request'],
  ['ECONNRESET', undefined],
  ['EPIPE', undefined],
])('says to %s: %s', (code, status) => {
  expect(clientErrorStatus(code)).toBe(status);
});
