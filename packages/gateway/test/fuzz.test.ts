import { expect, it } from 'vitest';
import { fuzzAnswers } from '../suites/fuzz/fuzz-answers.ts';
import { fuzzRequests } from '../suites/fuzz/fuzz-requests.ts';

// The quick cuts of `pnpm test:fuzz`, always with the same seed.
it('serves on through 2,000 odd requests, each answered in its dialect', { timeout: 60_000 }, async () => {
  const { statuses } = await fuzzRequests(2_000, 20_261_125);
  expect(statuses[200]).toBeGreaterThan(200);
});

it('hands out no vector of 150 spoiled answers that could be seen to be wrong', {
  timeout: 60_000,
}, async () => {
  const { struck } = await fuzzAnswers(150, 20_261_125);
  expect(Object.values(struck).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100);
});
