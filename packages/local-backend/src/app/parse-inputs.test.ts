import { expect, it } from 'vitest';
import { checkMediaType, parseInputs } from './parse-inputs.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

it.each([
  ['{"inputs": "a"}', { texts: ['a'], flat: true }],
  ['{"inputs": ["a"]}', { texts: ['a'], flat: false }],
  ['{"inputs": ["a", "b"], "parameters": {"x": 1}}', { texts: ['a', 'b'], flat: false }],
  ['"a"', { texts: ['a'], flat: true }],
  ['["a", ""]', { texts: ['a', ''], flat: false }],
  ['""', { texts: [''], flat: true }],
  ['\ufeff"a"', { texts: ['a'], flat: true }],
])('reads %s', (body, inputs) => {
  expect(parseInputs(bytes(body))).toEqual(inputs);
});

it.each([
  ['', 'The body is empty'],
  [' ', 'The body is empty'],
  ['{"inputs": ["a"', 'The body is not valid JSON'],
  ["{'inputs': 'a'}", 'The body is not valid JSON'],
  ['{}', '"inputs" must be a string or an array of strings, got nothing'],
  ['{"data": "a"}', '"inputs" must be a string or an array of strings, got nothing'],
  ['{"inputs": null}', 'got null'],
  ['{"inputs": {"a": 1}}', 'got a value of type object'],
  ['17', 'The body must be a string or an array of strings, got a value of type number'],
  ['null', 'The body must be a string or an array of strings, got null'],
  ['[]', 'The body is an empty array'],
  ['{"inputs": []}', '"inputs" is an empty array'],
  ['{"inputs": ["a", 1]}', '"inputs"[1] must be a string, got a value of type number'],
  ['["a", null]', 'The body[1] must be a string, got null'],
  ['[["a"]]', 'The body[0] must be a string, got an array'],
])('refuses %s and says why', (body, message) => {
  expect(() => parseInputs(bytes(body))).toThrow(
    expect.objectContaining({ code: 'BACKEND_INVALID_INPUT', message: expect.stringContaining(message) }),
  );
});

it('refuses invalid UTF-8', () => {
  expect(() => parseInputs(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('The body is not valid UTF-8');
});

it.each([
  ['application/json'],
  ['Application/JSON; charset=UTF-8'],
  ['application/json;charset="utf-8"'],
  ['application/vnd.api+json'],
])('takes %s for JSON', (type) => {
  expect(() => checkMediaType(type, undefined)).not.toThrow();
});

it.each([
  [undefined, undefined, 'got none'],
  ['text/plain', undefined, 'got text/plain'],
  ['application/x-www-form-urlencoded', undefined, 'Content-Type must be application/json'],
  ['application/jsonx', undefined, 'Content-Type must be application/json'],
  ['application/json; charset=latin1', undefined, 'JSON is read as UTF-8'],
  ['application/json', 'gzip', 'got gzip'],
])('refuses content type %s with encoding %s', (type, encoding, message) => {
  expect(() => checkMediaType(type, encoding)).toThrow(
    expect.objectContaining({
      code: 'BACKEND_UNSUPPORTED_MEDIA_TYPE',
      message: expect.stringContaining(message),
    }),
  );
});
