import { expect, it } from 'vitest';
import { parseFaults } from './parse-fault.ts';

it.each<[string, unknown]>([
  ['a plain kind', { kind: 'hang' }],
  ['a scope', { kind: 'reset', probability: 0.5, count: 3, afterRequests: 10 }],
  ['fields of the kind', { kind: 'wrong-dimensions', dimensions: 3, which: 'one', index: 0 }],
  ['a negative number of vectors', { kind: 'wrong-count', by: -1 }],
])('takes %s', (_name, fault) => {
  expect(parseFaults(fault)).toEqual([fault]);
});

it('takes a list', () => {
  expect(parseFaults([{ kind: 'hang' }, { kind: 'swapped' }])).toHaveLength(2);
});

it.each<[unknown, string]>([
  [null, 'a fault must be an object with a kind, got null'],
  [{ kind: 'toString' }, 'got toString'],
  [{ kind: 'hang', forMs: 3 }, 'the fault hang has no field forMs'],
  [{ kind: 'hang', probability: 2 }, 'probability of the fault hang must be a number from 0 to 1, got 2'],
  [{ kind: 'poison' }, 'marker of the fault poison must be a text that is not empty'],
  [{ kind: 'error', error: 'none' }, 'error of the fault error must be translate-exception or'],
  [{ kind: 'slow-start', answer: 'refused' }, 'forMs of the fault slow-start must be a number of at least 0'],
])('refuses %j', (fault, message) => {
  expect(() => parseFaults(fault)).toThrow(message);
});
