import { describe, expect, it } from 'vitest';
import { isJsonContentType } from './json-content-type.ts';

describe('a content type', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json ;x',
    'application/problem+json',
  ])('is JSON as %s', (header) => {
    expect(isJsonContentType(header)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'text/plain; application/json',
    'application/json, text/plain',
  ])('is not JSON as %s', (header) => {
    expect(isJsonContentType(header)).toBe(false);
  });
});
