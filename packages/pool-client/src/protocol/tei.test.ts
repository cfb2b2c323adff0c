import { describe, expect, it } from 'vitest';
import type { FailureKind } from './protocol.ts';
import { tei } from './tei.ts';

const errors: readonly [status: number, type: string, message: string, kind: FailureKind][] = [
  [413, 'Validation', '`inputs` must have less than 512 tokens. Given: 600', 'input'],
  [422, 'Validation', '`inputs` cannot be empty', 'input'],
  [422, 'Validation', 'batch size 64 > maximum allowed batch size 32', 'too-large'],
  [413, 'Validation', 'batch size 64 > maximum allowed batch size 32', 'too-large'],
  [413, 'PayloadTooLarge', 'length limit exceeded', 'too-large'],
  [400, 'Empty', '`inputs` cannot be empty', 'input'],
  [422, 'Tokenizer', 'Tokenization error', 'input'],
  [424, 'Backend', 'Inference failed', 'unavailable'],
  [429, 'Overloaded', 'Model is overloaded', 'overloaded'],
  [503, 'Unhealthy', 'unhealthy', 'unavailable'],
  [401, 'Unauthorized', 'key', 'misconfigured'],
  [404, 'NotFound', 'route', 'misconfigured'],
];

describe('tei', () => {
  it('asks for truncation at /embed', () => {
    expect(tei.toWire(['a', 'b'], 'ignored')).toStrictEqual({
      pathSuffix: '/embed',
      headers: { 'content-type': 'application/json' },
      body: '{"inputs":["a","b"],"truncate":true}',
    });
  });

  it.each(errors)('takes %i %s "%s" for %s', (status, type, message, kind) => {
    const body = Buffer.from(JSON.stringify({ error: message, error_type: type }));
    expect(tei.fromWire({ status, headers: {}, body }, 1)).toStrictEqual({
      kind: 'failure',
      failure: { kind, status, message },
    });
  });

  it('takes the plain text of its framework as the message', () => {
    const body = Buffer.from('Failed to deserialize the JSON body');
    expect(tei.fromWire({ status: 422, headers: {}, body }, 1)).toStrictEqual({
      kind: 'failure',
      failure: { kind: 'input', status: 422, message: 'Failed to deserialize the JSON body' },
    });
  });
});
