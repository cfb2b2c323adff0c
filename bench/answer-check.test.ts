import { expectedVector, expectedVectorJson } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import { referenceCheck, requestKey, simulatedCheck } from './answer-check.ts';
import { textsOf } from './workloads.ts';

const workload = { name: 'two', textsPerRequest: 2, connections: 4 };

describe('simulatedCheck', () => {
  const texts = textsOf(workload, 3, 5);
  const vectors = texts.map((text) => expectedVector(text));

  it.each([
    ['the same bytes', `[${texts.map((text) => expectedVectorJson(text)).join(',')}]`, 'right'],
    ['the same numbers with other blanks', JSON.stringify(vectors, null, 1), 'right'],
    ['two vectors in each other’s place', JSON.stringify(vectors.toReversed()), 'wrong'],
    ['a vector too few', JSON.stringify(vectors.slice(1)), 'wrong'],
    ['a number that is off', JSON.stringify(vectors).replace(/\d(?=,)/, ''), 'wrong'],
    ['an error', '{"code":400}', 'wrong'],
    ['no JSON', '[[1,', 'wrong'],
  ])('finds %s', (_, body, verdict) => {
    const check = simulatedCheck(workload);
    const verdicts = Array.from({ length: 10 }, () => check(3, 5, body));
    expect(verdicts).toEqual([...Array.from({ length: 9 }, () => 'unchecked'), verdict]);
  });
});

describe('referenceCheck', () => {
  const known = [
    [1, 0, 0],
    [0, 1, 0],
  ];
  const check = referenceCheck(new Map([[requestKey(1, 0), known]]));

  it.each([
    ['the same', '[[1,0,0],[0,1,0]]', 'right'],
    ['the same up to rounding', '[[1,1e-7,0],[0,1.0000001,0]]', 'right'],
    ['two in each other’s place', '[[0,1,0],[1,0,0]]', 'wrong'],
    ['other dimensions', '[[1,0],[0,1]]', 'wrong'],
    ['something that is no vector', '["a","b"]', 'wrong'],
  ])('finds %s', (_, body, verdict) => {
    expect(check(1, 0, body)).toBe(verdict);
  });

  it('passes by what it knows nothing of', () => {
    expect(check(2, 0, 'anything')).toBe('unchecked');
  });
});
