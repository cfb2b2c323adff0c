import { expect, it } from 'vitest';
import { fuzzRequests } from '../suites/fuzz/fuzz-requests.ts';

// The quick cut of `pnpm test:fuzz`, always with the same requests.
it('serves on through 2,000 odd requests, each answered in its dialect', { timeout: 60_000 }, async () => {
  const { statuses } = await fuzzRequests(2_000, 20_261_125);
  expect(statuses[200]).toBeGreaterThan(200);
});
