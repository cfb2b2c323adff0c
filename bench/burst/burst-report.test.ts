import { expect, it } from 'vitest';
import { burstSummary, progressLine } from './burst-report.ts';

const result = {
  seconds: 10,
  requests: 1_200,
  latenciesMs: [...Array(1_199).fill(20), 4_000],
  firstAnswerSeconds: 4,
  failures: {},
  firstError: undefined,
  checked: 120,
};

it.each([
  ['nothing of a scaler that is not asked', undefined, ''],
  ['the counts of a scaler', { ready: 1, desired: 2 }, '  1 ready of 2 desired'],
  ['that a scaler is silent', 'unknown', '  the scaler does not say'],
] as const)('says %s', (_, counts, end) => {
  const before = { seconds: 8, answers: 1_000 };
  expect(progressLine({ soFar: result, before, chunksPerRequest: 8, counts })).toBe(
    `  10 s   1,200 answers     800 chunks/s   0 failed${end}`,
  );
});

it('sums a burst up', () => {
  expect(burstSummary(result, 8)).toBe(`requests      1,200 in 10.0 s
chunks/s      960
first answer  after 4,000 ms
p50           20.0 ms
p99           20.0 ms
checked       120 answers
failures      0
`);
});

it('names each way to fail', () => {
  const failures = { 503: 2, 'no answer': 1 };
  expect(burstSummary({ ...result, failures, firstError: '{"code":503}' }, 8)).toContain(
    'failures      3: 2 × 503, 1 × no answer\nfirst error   {"code":503}\n',
  );
});
