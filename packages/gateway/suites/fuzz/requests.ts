import fc from 'fast-check';
import { MODEL } from '../../test/apis.ts';
import { oddBytes, type SentBody, soundBytes } from './body-bytes.ts';
import { bytesOf, type FramedCase, type FuzzCase } from './fuzz-case.ts';
import { type FuzzedDialect, oddBody, soundBody } from './json-bodies.ts';
import { place } from './place.ts';

const TARGETS: readonly (readonly [FuzzedDialect, string])[] = [
  ['djl', `/predictions/${MODEL}`],
  ['djl', '/invocations'],
  ['openai', '/v1/embeddings'],
  ['tei', '/embed'],
];

type Header = readonly [string, string];

/** Printable, or what Latin-1 adds; no control characters, which would be no header. */
const visible = fc.string({
  maxLength: 30,
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
});
const oddNumber = fc.constantFrom(
  ...[
    '0',
    '-1',
    '1',
    '5',
    '50',
    '1e3',
    '1.5',
    '0x10',
    'NaN',
    '99999999999999999999',
    ' 7 ',
    '2147483648',
    '',
  ],
);
const named = (names: readonly string[], value: fc.Arbitrary<string>): fc.Arbitrary<Header> =>
  fc.tuple(fc.constantFrom(...names), value);
const oddHeader: fc.Arbitrary<Header> = fc.oneof(
  named(['x-request-timeout-ms', 'x-priority', 'X-Priority'], fc.oneof(oddNumber, visible)),
  named(
    [
      'x-forebay-priority',
      'x-forebay-tenant',
      'x-forebay-partial',
      'x-forebay-x',
      'x-request-id',
      'model_name',
    ],
    fc.oneof(fc.constantFrom('interactive', 'BULK', 'default', '__proto__', MODEL, 'true'), visible),
  ),
  named(
    ['authorization', 'x-api-key', 'proxy-authorization'],
    fc.oneof(
      fc.constantFrom(
        'Bearer',
        'Bearer  ',
        'Basic !!!',
        'Basic Og==',
        'Basic OmE=',
        'Digest a',
        'bearer a b',
      ),
      visible,
    ),
  ),
  named(
    ['accept', 'accept-encoding', 'cookie', 'range', 'if-none-match', 'origin', 'te', 'forwarded', 'x-a'],
    visible,
  ),
  fc.constantFrom<Header>(
    ['content-type', 'text/plain'],
    ['content-type', 'application/json'],
    ['expect', '100-continue'],
    ['upgrade', 'h2c'],
    ['x-long', 'a'.repeat(8_000)],
    ['x-longer', 'a'.repeat(20_000)],
    ['__proto__', 'a'],
    ['constructor', 'a'],
    ['connection', 'close'],
    ['connection', 'keep-alive, x-a'],
  ),
);
const contentType = fc.oneof(
  { weight: 12, arbitrary: fc.constant('application/json') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...[
        'application/json; charset=utf-8',
        'APPLICATION/JSON',
        'application/vnd.api+json',
        'application/json;',
      ],
      ...['application/json; charset=utf-16', 'text/json', 'multipart/form-data; boundary=a', 'a/b/c', ''],
      ...['application/x-www-form-urlencoded', 'application/json, text/plain', 'application/+json'],
    ),
  },
);

const method = fc.oneof(
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
const oddTarget = fc.oneof(
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

interface Rest {
  readonly method: string;
  readonly target: string;
  readonly dialect: FuzzedDialect | undefined;
  readonly contentType: string;
  readonly headers: readonly Header[];
  readonly sound: boolean;
}

function framed(sent: SentBody, framing: 'length' | 'chunked', rest: Rest): FramedCase {
  const { contentType: type, headers, ...more } = rest;
  const coding: readonly Header[] = sent.encoding === undefined ? [] : [['content-encoding', sent.encoding]];
  return {
    kind: 'framed',
    framing,
    body: sent.bytes,
    headers: [['content-type', type], ...coding, ...headers],
    ...more,
  };
}

const framing = fc.constantFrom('length', 'length', 'length', 'chunked');
const JSON_TYPE = fc.constant('application/json');
const NO_HEADERS = fc.constant<readonly Header[]>([]);
const headers = fc.array(oddHeader, { maxLength: 3 });

const route = fc.constantFrom(...TARGETS);

const sound = route.chain(([dialect, target]) =>
  fc.tuple(soundBody(dialect).chain(soundBytes), framing).map(([sent, how]) =>
    framed(sent, how, {
      method: 'POST',
      target,
      dialect,
      contentType: 'application/json',
      headers: [],
      sound: true,
    }),
  ),
);

const oddBodyCase = route.chain(([dialect, target]) =>
  fc
    .tuple(oddBody(dialect).chain(oddBytes), framing, contentType, fc.oneof(NO_HEADERS, NO_HEADERS, headers))
    .map(([sent, how, type, more]) =>
      framed(sent, how, { method: 'POST', target, dialect, contentType: type, headers: more, sound: false }),
    ),
);

const oddHeadersCase = route.chain(([dialect, target]) =>
  fc
    .tuple(soundBody(dialect).chain(soundBytes), framing, fc.oneof(JSON_TYPE, contentType), headers)
    .map(([sent, how, type, more]) =>
      framed(sent, how, { method: 'POST', target, dialect, contentType: type, headers: more, sound: false }),
    ),
);

const oddTargetCase = fc
  .tuple(
    soundBody('djl').chain(soundBytes),
    method,
    fc.oneof(
      oddTarget,
      oddTarget,
      route.map(([, path]) => path),
    ),
  )
  .map(([sent, verb, target]) => {
    const found = TARGETS.find(([, path]) => path === target)?.[0];
    return framed(sent, 'length', {
      method: verb,
      target,
      dialect: found,
      contentType: 'application/json',
      headers: [],
      sound: false,
    });
  });

const FRAMED = fc.oneof(
  { weight: 2, arbitrary: sound },
  { weight: 8, arbitrary: oddBodyCase },
  { weight: 3, arbitrary: oddHeadersCase },
  { weight: 3, arbitrary: oddTargetCase },
);

const line = fc.constantFrom(
  ...[
    'content-length: 0\r\n',
    'content-length: 5\r\n',
    'content-length: 99999999\r\n',
    'content-length: -1\r\n',
  ],
  ...[
    'transfer-encoding: chunked\r\n',
    'transfer-encoding: gzip\r\n',
    'host: evil.example\r\n',
    ' folded\r\n',
    ': a\r\n',
  ],
  ...[
    '\r\n',
    '\n',
    '\r',
    '\0',
    'x\0: a\r\n',
    'a'.repeat(20_000),
    'x-a : b\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ],
  ...[
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'GET / HTTP/0.9\r\n',
    'GET /\r\n',
    'connection: close\r\n',
  ],
);

/** A good request with lines put in, bytes changed or its end missing; or no request at all. */
const garbage = fc
  .oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
    {
      weight: 2,
      arbitrary: fc.tuple(FRAMED, place).map(([one, share]) => {
        const bytes = bytesOf(one);
        return bytes.subarray(0, Math.floor(share * bytes.length));
      }),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(sound, fc.array(fc.tuple(place, line), { minLength: 1, maxLength: 3 }))
        .map(([one, lines]) =>
          lines.reduce((text, [share, more]) => putLine(text, share, more), bytesOf(one)),
        ),
    },
    { weight: 1, arbitrary: fc.tuple(sound, sound, sound).map((all) => Buffer.concat(all.map(bytesOf))) },
  )
  .map((bytes): FuzzCase => ({ kind: 'garbage', bytes }));

/** Puts a line before one of the lines of the head, or anywhere in the first 400 bytes. */
function putLine(bytes: Buffer, share: number, more: string): Buffer {
  const anywhere = Math.floor(share * Math.min(bytes.length, 400));
  const next = bytes.indexOf('\r\n', anywhere);
  const index = next < 0 || share < 0.2 ? anywhere : next + 2;
  return Buffer.concat([bytes.subarray(0, index), Buffer.from(more, 'latin1'), bytes.subarray(index)]);
}

/** Any request that the fuzz sends. */
export const fuzzCases: fc.Arbitrary<FuzzCase> = fc.oneof(
  { weight: 30, arbitrary: FRAMED },
  { weight: 1, arbitrary: garbage },
);
