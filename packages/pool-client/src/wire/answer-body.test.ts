import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AnswerBody } from './answer-body.ts';

function collect(parts: readonly Uint8Array[], declaredBytes: number): AnswerBody {
  const body = new AnswerBody(declaredBytes);
  for (const part of parts) body.add(Buffer.from(part));
  return body;
}

it('is what came, whatever was declared', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 6 });
  const declared = fc.oneof(fc.constant(Number.NaN), fc.nat(40));
  fc.assert(
    fc.property(parts, declared, (given, declaredBytes) => {
      const all = Buffer.concat(given);
      const body = collect(given, declaredBytes);
      expect(body.bytes).toBe(all.length);
      expect(body.take().equals(all)).toBe(true);
    }),
    { seed: 7, numRuns: 500 },
  );
});

it.each([
  ['declared', 6],
  ['not declared', Number.NaN],
])('keeps what came when its parts are overwritten, %s', (_name, declaredBytes) => {
  const reused = Buffer.alloc(3);
  const body = new AnswerBody(declaredBytes);
  for (const text of ['[1,', ' 2]']) {
    reused.write(text);
    body.add(reused);
  }
  reused.fill(0);
  expect(body.take().toString()).toBe('[1, 2]');
});
