import { type ProtocolName, protocolFor, toNumbers } from '@forebay/pool-client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialects } from '../src/dialects/dialects.ts';
import type { GatewayError } from '../src/errors.ts';

const names: readonly ProtocolName[] = ['djl', 'openai', 'tei'];
const facts = { headers: {}, query: {}, pathModel: undefined };

/** Any JSON text: controls, quotes, emoji and lone surrogates included. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom('\ud800', '"', '\\', '\n', '\u2028', '🜁'),
  ),
});
const vectorLists = fc.array(
  fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 }),
  { minLength: 1, maxLength: 5 },
);

describe.each(names)('%s', (name) => {
  const protocol = protocolFor(name);
  const dialect = dialects[name];

  it('reads the texts that the client half wrote', () => {
    // OpenAI takes no blank texts.
    const texts = name === 'openai' ? anyText.filter((text) => text.trim() !== '') : anyText;
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 8 }), (sent) => {
        const { body } = protocol.toWire(sent, 'm');
        const parsed = dialect.parse(JSON.parse(body), facts);
        expect(parsed).toMatchObject({ kind: 'parsed', texts: sent, shape: 'list' });
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('writes vectors that the client half reads', () => {
    fc.assert(
      fc.property(vectorLists, (numbers) => {
        const vectors = numbers.map((vector) => {
          const source = Buffer.from(JSON.stringify(vector));
          return { source, start: 0, end: source.length };
        });
        const { headers, parts } = dialect.render({ vectors, model: 'm', shape: 'list', encoding: 'float' });
        const outcome = protocol.fromWire(
          { status: 200, headers, body: Buffer.concat([...parts]) },
          numbers.length,
        );
        expect(outcome.kind === 'vectors' ? outcome.vectors.map(toNumbers) : outcome).toEqual(
          vectors.map(toNumbers),
        );
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it.each<[GatewayError, string]>([
    [{ kind: 'input_refused', message: 'no', index: 0 }, 'input'],
    [{ kind: 'payload_too_large', message: 'no' }, 'too-large'],
    [{ kind: 'queue_full', message: 'no', retryAfterS: 2 }, 'overloaded'],
    [{ kind: 'backend_failed', message: 'no' }, 'unavailable'],
    [{ kind: 'unavailable', message: 'no', retryAfterS: 2 }, 'unavailable'],
    [{ kind: 'timeout', message: 'no' }, 'unavailable'],
    [{ kind: 'unauthorized', message: 'no', challenge: 'bearer' }, 'misconfigured'],
    [{ kind: 'model_not_found', message: 'no', names: [] }, 'misconfigured'],
  ])('writes errors that the client half understands: $kind', (error, kind) => {
    const { status, headers, body } = dialect.renderError(error);
    const outcome = protocol.fromWire({ status, headers, body: Buffer.from(body) }, 1);
    expect(outcome).toMatchObject({ kind: 'failure', failure: { kind, status } });
  });
});
