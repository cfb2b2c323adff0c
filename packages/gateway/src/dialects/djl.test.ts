import { describe, expect, it } from 'vitest';
import type { RequestFacts } from './dialect.ts';
import { djl } from './djl.ts';

function facts(given: Partial<RequestFacts> = {}): RequestFacts {
  return { headers: {}, query: {}, pathModel: undefined, ...given };
}

describe('a DJL body', () => {
  it.each([
    ['an object with one string', { inputs: 'a' }, ['a'], 'single'],
    ['an object with a list', { inputs: ['a', 'b'] }, ['a', 'b'], 'list'],
    ['an object with a list of one', { inputs: ['a'] }, ['a'], 'list'],
    ['a bare string', 'a', ['a'], 'single'],
    ['a bare list', ['a', 'b'], ['a', 'b'], 'list'],
    ['an empty string', { inputs: '' }, [''], 'single'],
    ['blank items', ['', ' \n'], ['', ' \n'], 'list'],
    ['other keys beside', { inputs: 'a', parameters: { x: 1 }, normalize: false }, ['a'], 'single'],
  ])('is read as %s', (_name, body, texts, shape) => {
    expect(djl.parse(body, facts())).toEqual({
      kind: 'parsed',
      model: undefined,
      texts,
      shape,
      encoding: 'float',
    });
  });

  it.each([
    ['no inputs', {}, 'inputs'],
    ['an empty list', { inputs: [] }, 'inputs'],
    ['a bare empty list', [], 'inputs'],
    ['null inputs', { inputs: null }, 'inputs'],
    ['a number as inputs', { inputs: 5 }, 'inputs'],
    ['an object as inputs', { inputs: { a: 1 } }, 'inputs'],
    ['a number among items', { inputs: ['a', 'b', 'c', 4] }, 'inputs[3]'],
    ['null among bare items', ['a', null], 'inputs[1]'],
    ['an object among items', { inputs: [{}] }, 'inputs[0]'],
    ['a boolean among items', { inputs: ['a', true] }, 'inputs[1]'],
    ['a nested list', { inputs: [['a']] }, 'inputs[0]'],
    ['a bare number', 42, 'inputs'],
    ['a bare null', null, 'inputs'],
    ['a bare boolean', true, 'inputs'],
  ])('is refused with %s, naming the field', (_name, body, param) => {
    expect(djl.parse(body, facts())).toEqual({
      kind: 'invalid_request',
      param,
      message: expect.stringContaining(param),
    });
  });

  it.each([
    [
      'the route first',
      facts({ pathModel: 'p', query: { model_name: 'q' }, headers: { model_name: 'h' } }),
      'p',
    ],
    ['then the query', facts({ query: { model_name: 'q' }, headers: { model_name: 'h' } }), 'q'],
    ['then the header', facts({ headers: { model_name: 'h' } }), 'h'],
    [
      'nothing for a repeated or empty name',
      facts({ query: { model_name: ['q', 'r'] }, headers: { model_name: '' } }),
      undefined,
    ],
  ])('takes its model from %s', (_name, request, model) => {
    expect(djl.parse('a', request)).toMatchObject({ kind: 'parsed', model });
  });
});
