import { describe, expect, it } from 'vitest';
import { tei } from './tei.ts';

const request = { headers: {}, query: {}, pathModel: undefined };

describe('a TEI body', () => {
  it.each([
    ['one string', { inputs: 'a' }, ['a'], 'single'],
    ['a list', { inputs: ['a', 'b'] }, ['a', 'b'], 'list'],
    ['blank texts', { inputs: ['', ' '] }, ['', ' '], 'list'],
    [
      'options at what holds anyway',
      { inputs: 'a', normalize: true, truncate: true, truncation_direction: 'Right', prompt_name: null },
      ['a'],
      'single',
    ],
    ['unknown fields', { inputs: 'a', x: 1 }, ['a'], 'single'],
  ])('is read with %s', (_name, body, texts, shape) => {
    expect(tei.parse(body, request)).toEqual({
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
    ['a nested list', { inputs: [['a']] }, 'inputs[0]'],
    ['token ids', { inputs: [1, 2] }, 'inputs[0]'],
    ['a null item', { inputs: ['a', null] }, 'inputs[1]'],
    ['a bare string', 'a', 'inputs'],
    ['a bare list', ['a'], 'inputs'],
    ['null', null, 'inputs'],
    ['normalize: false', { inputs: 'a', normalize: false }, 'normalize'],
    ['normalize that is no boolean', { inputs: 'a', normalize: 'yes' }, 'normalize'],
    ['truncate: false', { inputs: 'a', truncate: false }, 'truncate'],
    ['truncate that is no boolean', { inputs: 'a', truncate: 1 }, 'truncate'],
    ['a prompt_name', { inputs: 'a', prompt_name: 'query' }, 'prompt_name'],
    ['truncation to the left', { inputs: 'a', truncation_direction: 'Left' }, 'truncation_direction'],
    ['dimensions of no integer', { inputs: 'a', dimensions: 'x' }, 'dimensions'],
  ])('is refused with %s, naming the field', (_name, body, param) => {
    const error = tei.parse(body, request);
    expect(error).toEqual({ kind: 'invalid_request', param, message: expect.stringContaining(param) });
  });

  it('takes its model from the header, and dimensions along', () => {
    const parsed = tei.parse({ inputs: 'a', dimensions: 8 }, { ...request, headers: { model_name: 'm' } });
    expect(parsed).toMatchObject({ model: 'm', dimensions: 8 });
  });
});
