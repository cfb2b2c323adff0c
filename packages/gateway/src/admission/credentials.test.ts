import { describe, expect, it } from 'vitest';
import { presentedKey } from './credentials.ts';

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

describe('the presented key', () => {
  it.each([
    ['a bearer token', { authorization: 'Bearer k1' }, 'k1'],
    ['a bearer token, whatever its case', { authorization: 'bEARER  k1 ' }, 'k1'],
    ['x-api-key', { 'x-api-key': ' k1 ' }, 'k1'],
    ['the Basic password', { authorization: basic('user:k1') }, 'k1'],
    ['the Basic password without a user', { authorization: basic(':k1') }, 'k1'],
    ['a Basic password with colons', { authorization: basic(':k:1') }, 'k:1'],
    ['bearer before x-api-key', { authorization: 'Bearer k1', 'x-api-key': 'k2' }, 'k1'],
    ['x-api-key before Basic', { authorization: basic(':k1'), 'x-api-key': 'k2' }, 'k2'],
    ['x-api-key beside an unknown scheme', { authorization: 'Digest x', 'x-api-key': 'k2' }, 'k2'],
  ])('is %s', (_name, headers, key) => {
    expect(presentedKey(headers)).toBe(key);
  });

  it.each([
    ['no header', {}],
    ['an empty token', { authorization: 'Bearer ' }],
    ['a bare key', { authorization: 'k1' }],
    ['Basic without a colon', { authorization: basic('k1') }],
    ['Basic with an empty password', { authorization: basic('k1:') }],
    ['a blank x-api-key', { 'x-api-key': ' ' }],
  ])('is missing with %s', (_name, headers) => {
    expect(presentedKey(headers)).toBeUndefined();
  });
});
