import { expect, it } from 'vitest';
import { toRoute } from './route.ts';

const predict = (model?: string, version?: string) => ({ kind: 'predict', model, version });

it.each([
  ['/predictions/all-MiniLM-L6-v2', predict('all-MiniLM-L6-v2')],
  ['/predictions/all-MiniLM-L6-v2/', predict('all-MiniLM-L6-v2')],
  ['/predictions/all-MiniLM-L6-v2/0.0.1', predict('all-MiniLM-L6-v2', '0.0.1')],
  ['/predictions/all%2DMiniLM-L6-v2?data=x', predict('all-MiniLM-L6-v2')],
  ['/models/m/invoke', predict('m')],
  ['/invocations', predict()],
  ['/invocations?model_name=m', predict('m')],
  ['/ping', { kind: 'ping' }],
  ['/ping/?x', { kind: 'ping' }],
  ['/models', { kind: 'list-models' }],
  ['/models/m', { kind: 'describe-model', model: 'm' }],
  ['/', { kind: 'unknown', path: '/' }],
  ['/predictions', { kind: 'unknown', path: '/predictions' }],
  ['//ping', { kind: 'unknown', path: '//ping' }],
  ['/predictions//m', { kind: 'unknown', path: '/predictions//m' }],
  ['/predictions/a/b/c', { kind: 'unknown', path: '/predictions/a/b/c' }],
  ['/predictions/%zz', { kind: 'unknown', path: '/predictions/%zz' }],
  ['/models/m/stop', { kind: 'unknown', path: '/models/m/stop' }],
  ['/server/metrics', { kind: 'unknown', path: '/server/metrics' }],
])('finds the route of %s', (target, route) => {
  expect(toRoute(target)).toEqual(route);
});

it('takes the model of /invocations from the header, unless the query names one', () => {
  expect(toRoute('/invocations', 'header')).toEqual(predict('header'));
  expect(toRoute('/invocations?model_name=query', 'header')).toEqual(predict('query'));
});
