import { type JobAnswer, PoolError } from '@forebay/pool-client';
import { describe, expect, it } from 'vitest';
import type { ParsedRequest } from '../dialects/dialect.ts';
import { djl } from '../dialects/djl.ts';
import { estimateTokens } from '../usage.ts';
import { type Outcome, outcomeOf } from './outcome-of.ts';

const source = Buffer.from('[[1],[2]]');
const one = { source, start: 1, end: 4 };
const refused = new PoolError('POOL_INPUT_REFUSED', 'too odd', { failedIndices: [1] });

/** What a job of as many texts came to: their vectors, and the failures with this error of those without. */
function answerOf(vectors: JobAnswer['vectors'], error: PoolError): JobAnswer {
  const failures = vectors.flatMap((vector, index) => (vector ? [] : [{ index, error }]));
  return { vectors, failures, timing: { queueMs: 1, backendMs: 2, batches: 1 } };
}

function outcome(answer: JobAnswer, partial: boolean, given: Partial<ParsedRequest> = {}): Outcome {
  const texts = answer.vectors.map((_, index) => `text ${index}`);
  const parsed: ParsedRequest = {
    kind: 'parsed',
    model: 'm',
    texts,
    shape: 'list',
    encoding: 'float',
    ...given,
  };
  return outcomeOf(djl, parsed, answer, { partial, countTokens: estimateTokens });
}

function bodyOf(outcome: Outcome): unknown {
  return outcome.kind === 'answer'
    ? JSON.parse(Buffer.concat([...outcome.rendered.parts]).toString())
    : outcome.error;
}

describe('a request of which some texts failed', () => {
  const answer = answerOf([undefined, one], new PoolError('POOL_TIMEOUT', 'time is up'));

  it('is answered with the others where it asked for that', () => {
    const partial = outcome(answer, true);
    expect(bodyOf(partial)).toEqual([null, [1]]);
    expect(partial).toMatchObject({ rendered: { headers: { 'x-forebay-failed': '0' } } });
  });

  it('fails where it did not', () => {
    expect(bodyOf(outcome(answer, false))).toEqual({ kind: 'timeout', message: 'time is up' });
  });

  it('is refused where the vectors that are there have other dimensions than it wants', () => {
    expect(bodyOf(outcome(answer, true, { dimensions: 384 }))).toMatchObject({ param: 'dimensions' });
  });
});

describe('a request of which all texts failed', () => {
  it.each([true, false])('fails, whether it asked for a partial answer or not: %j', (partial) => {
    const answer = answerOf([undefined, undefined], refused);
    expect(bodyOf(outcome(answer, partial))).toEqual({
      kind: 'input_refused',
      index: 1,
      message: 'too odd',
    });
  });
});

it.each([true, false])('a request without failures is answered the same: %j', (partial) => {
  const whole = outcome(answerOf([one, one], refused), partial);
  expect(bodyOf(whole)).toEqual([[1], [1]]);
  expect(whole).toMatchObject({ rendered: { headers: { 'content-type': 'application/json' } } });
});
