import { expect, it } from 'vitest';
import { listingPath, parseListing } from './model-listing.ts';

it('asks each protocol in its way', () => {
  expect([listingPath('djl'), listingPath('djl', 'a&b'), listingPath('openai'), listingPath('tei')]).toEqual([
    '/models',
    '/models?next_page_token=a%26b',
    '/models',
    '/info',
  ]);
});

it.each([
  [
    'djl',
    { models: [{ modelName: 'm', status: 'READY' }, { modelName: 'm', version: '2' }, { modelName: 'n' }] },
    ['m', 'n'],
  ],
  ['djl', { models: [], nextPageToken: null }, []],
  ['openai', { object: 'list', data: [{ id: 'org/m', object: 'model' }] }, ['org/m']],
  ['tei', { model_id: 'org/m', model_dtype: 'float16' }, ['org/m']],
] as const)('reads the names that %s lists in %j', (protocol, body, models) => {
  expect(parseListing(protocol, JSON.stringify(body))).toEqual({ kind: 'models', models });
});

it.each(['2', 2])('reads that DJL has a further page: %j', (nextPageToken) => {
  expect(parseListing('djl', JSON.stringify({ models: [{ modelName: 'm' }], nextPageToken }))).toEqual({
    kind: 'models',
    models: ['m'],
    nextPage: '2',
  });
});

it.each([
  ['djl', '<html>', 'did not answer with JSON'],
  ['djl', '{"models":{}}', 'did not answer with {"models": [{"modelName": …}]}'],
  ['djl', '{"models":[{"modelName":""}]}', 'did not answer with {"models": [{"modelName": …}]}'],
  ['openai', '{"models":[]}', 'did not answer with {"data": [{"id": …}]}'],
  ['tei', '{"model_id":7}', 'did not answer with {"model_id": …}'],
] as const)('says that %s answered %s', (protocol, body, problem) => {
  expect(parseListing(protocol, body)).toEqual({ kind: 'bad', problem });
});
