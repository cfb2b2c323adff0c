import fc from 'fast-check';
import { MODEL } from '../../test/apis.ts';
import type { FuzzedDialect } from './json-bodies.ts';

/** The embedding routes as clients write them. */
export const TARGETS: readonly (readonly [FuzzedDialect, string])[] = [
  ['djl', `/predictions/${MODEL}`],
  ['djl', '/invocations'],
  ['openai', '/v1/embeddings'],
  ['tei', '/embed'],
];

/** Methods: mostly the right one. */
export const method = fc.oneof(
  { weight: 12, arbitrary: fc.constant('POST') },
  fc.constantFrom(
    'GET',
    'PUT',
    'PATCH',
    'DELETE',
    'HEAD',
    'OPTIONS',
    'TRACE',
    'QUERY',
    'PROPFIND',
    'M-SEARCH',
  ),
);
const segment = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      '.',
      '..',
      '%2e%2e',
      '%2f',
      '%',
      '%zz',
      '%00',
      '%ff',
      '%c0%80',
      '%ed%a0%80',
      'a%0d%0ab',
      '*',
      ';a=b',
    ],
    ...[
      '__proto__',
      'constructor',
      'predictions',
      'models',
      'invoke',
      'v1',
      'embeddings',
      'embed',
      MODEL,
      '1.0',
    ],
    ...[
      'admin',
      'backends',
      'api',
      'status',
      'metrics',
      'ping',
      'info',
      'health',
      'readyz',
      'livez',
      '?',
      '??a=b',
    ],
    ...[
      '?model_name=',
      `?model_name=${MODEL}`,
      '?a[b]=c&__proto__=1',
      '?%',
      '?inputs=a',
      'é',
      'a'.repeat(2_000),
    ],
  ),
);
/** Paths that decode oddly, lead elsewhere or nowhere. */
export const oddTarget = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(segment, { minLength: 1, maxLength: 5 }).map((all) => `/${all.join('/')}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...TARGETS),
        fc.constantFrom('/', '//', '?', '?a=b', '/1.0', '/..', '%20', '/.', '#a'),
      )
      .map(([[, target], more]) => target + more),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '*',
      'http://127.0.0.1/embed',
      'http://a/',
      'https://[::1/embed',
      'embed',
      '//embed',
    ),
  },
);
