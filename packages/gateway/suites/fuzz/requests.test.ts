import { expect, it } from 'vitest';
import { fuzzRequests } from './fuzz-requests.ts';

const requests = Number(process.env.FUZZ_REQUESTS ?? 100_000);
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

it(`serves on through ${requests} odd requests, each answered in its dialect`, async () => {
  console.info(`FUZZ_REQUESTS=${requests} FUZZ_SEED=${seed}`);
  const summary = await fuzzRequests(requests, seed);
  console.info(JSON.stringify(summary));
  expect(summary.requests).toBeGreaterThanOrEqual(requests);
});
