import { expect, it } from 'vitest';
import { failedHeaders } from './failed-headers.ts';

const failuresAt = (...indices: readonly number[]) =>
  indices.map((index) => ({ index, error: { kind: 'timeout', message: 'time is up' } as const }));

it('lists the failed and counts them', () => {
  expect(failedHeaders(failuresAt(3, 17))).toEqual({
    'x-forebay-failed': '3,17',
    'x-forebay-failed-count': '2',
  });
});

it('lists the first hundred of many', () => {
  const every = Array.from({ length: 10_000 }, (_, i) => i);
  expect(failedHeaders(failuresAt(...every))).toEqual({
    'x-forebay-failed': every.slice(0, 100).join(),
    'x-forebay-failed-count': '10000',
  });
});

it('says nothing where nothing failed', () => {
  expect([failedHeaders(), failedHeaders([])]).toEqual([{}, {}]);
});
