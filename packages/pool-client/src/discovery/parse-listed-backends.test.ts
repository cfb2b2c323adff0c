import { expect, it } from 'vitest';
import { parseListedBackends } from './parse-listed-backends.ts';

const settings = { class: 'default', protocol: 'djl', maxBatch: 256, concurrency: 8, state: 'ready' };

it('reads backends with their states and tenants with their weights, ignoring what it does not know', () => {
  const text = JSON.stringify({
    backends: [
      { id: 'r1', url: 'http://10.0.0.1:8080/predictions/m', class: 'gpu', state: 'draining', zone: 'a' },
      { url: 'http://10.0.0.2:8080/predictions/m;maxBatch=9' },
      { id: 'r3', url: 'http://10.0.0.3:8080', state: 'starting' },
    ],
    tenants: [{ id: 'search', weight: 2.5, note: 'x' }],
    version: 3,
  });
  expect(parseListedBackends(text)).toEqual({
    kind: 'list',
    targets: [
      {
        kind: 'entry',
        entry: {
          ...settings,
          id: 'r1',
          url: 'http://10.0.0.1:8080/predictions/m',
          model: 'm',
          class: 'gpu',
          state: 'draining',
        },
      },
      {
        kind: 'entry',
        entry: {
          ...settings,
          id: '10.0.0.2:8080/m',
          url: 'http://10.0.0.2:8080/predictions/m',
          model: 'm',
          maxBatch: 9,
        },
      },
      { kind: 'expand', server: { ...settings, id: 'r3', url: 'http://10.0.0.3:8080', state: 'starting' } },
    ],
    tenants: [{ id: 'search', weight: 2.5 }],
  });
});

it('reads an empty list, without tenants', () => {
  expect(parseListedBackends('{"backends":[]}')).toEqual({ kind: 'list', targets: [], tenants: [] });
});

it.each([
  ['{"backends":[', 'it is not JSON'],
  ['[]', 'an object with a list "backends"'],
  ['{}', 'backends must be a list'],
  ['{"backends":{}}', 'backends must be a list'],
  ['{"backends":[7]}', 'backends[0] (7): must be an object with a url'],
  ['{"backends":[{"url":"http://h:1"},{"id":"x"}]}', 'backends[1] ({"id":"x"}): url must be a URL'],
  [
    '{"backends":[{"url":"http://h:1","state":"up"}]}',
    'state must be one of starting, ready, draining, got "up"',
  ],
  ['{"backends":[{"url":"http://h:1","class":"tpu"}]}', 'class must be one of'],
  ['{"backends":[{"url":"dns+http://h:1"}]}', 'in DJL_URLS only'],
  [
    '{"backends":[{"url":"http://a:1","id":"x"},{"url":"http://b:1","id":"x"}]}',
    'backends[0] has the id x already',
  ],
  ['{"backends":[],"tenants":{}}', 'tenants must be a list'],
  [
    '{"backends":[],"tenants":[{"id":"a","weight":1},{"id":"b","weight":0}]}',
    'tenants[1]: weight must be above 0',
  ],
  ['{"backends":[],"tenants":[{"id":"a","weight":1e999}]}', 'tenants[0]: weight must be a number'],
  ['{"backends":[],"tenants":[{"weight":1}]}', 'tenants[0]: id must be a string'],
])('says what is wrong with %s', (text, problem) => {
  const parsed = parseListedBackends(text);
  expect(parsed.kind === 'bad' && parsed.problem).toContain(problem);
});
