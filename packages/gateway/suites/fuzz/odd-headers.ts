import fc from 'fast-check';
import { MODEL } from '../../test/apis.ts';

export type Header = readonly [string, string];

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
/** A header that is well formed and may mean anything. */
export const oddHeader: fc.Arbitrary<Header> = fc.oneof(
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
    ['expect', 'a miracle'],
    ['upgrade', 'h2c'],
    ['x-long', 'a'.repeat(8_000)],
    ['x-longer', 'a'.repeat(20_000)],
    ['__proto__', 'a'],
    ['constructor', 'a'],
    ['connection', 'close'],
    ['connection', 'keep-alive, x-a'],
  ),
);
/** Content types: mostly the right one. */
export const contentType = fc.oneof(
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
