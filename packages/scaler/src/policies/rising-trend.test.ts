import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decisionOf, policyContext, samples, seenValues } from '../decide/decision.test-support.ts';
import { risingTrend } from './rising-trend.ts';

/** The trend after so many seconds of arrivals, a value every five; `rateAt` gets the seconds ago. */
function trend(seconds: number, rateAt: (secondsAgo: number) => number, startupSeconds = 60): number {
  const past = Array.from({ length: Math.floor(seconds / 5) }, (_, i) => seconds - 5 * i).map((ago) =>
    decisionOf(ago, { signals: seenValues({ arrivals_per_second: rateAt(ago) }) }),
  );
  return risingTrend(
    policyContext({ past, startupSeconds, samples: samples({ arrivals_per_second: rateAt(0) }) }),
  );
}

const steep = (ago: number) => 100 + (600 - Math.min(600, ago)) / 2;

it.each<[string, number]>([
  ['without a history', trend(0, () => 50)],
  ['while arrivals are steady', trend(600, () => 50)],
  ['while arrivals fall', trend(600, (ago) => 50 + ago)],
  ['for a rise that chance explains', trend(600, (ago) => (ago < 240 ? 10.1 : 10))],
  ['while too little is known of the time before', trend(260, steep)],
])('is nothing %s', (_, added) => {
  expect(added).toBe(0);
});

it('is more for a longer start-up, and something for a steep rise', () => {
  const [short, long] = [trend(600, steep, 30), trend(600, steep, 120)];
  expect(short).toBeGreaterThan(0);
  expect(long).toBeGreaterThan(short);
});

it('is neither negative nor more than arrivals themselves', () => {
  const rates = fc.array(fc.double({ min: 0, max: 1_000, noNaN: true }), { minLength: 121, maxLength: 121 });
  fc.assert(
    fc.property(rates, fc.integer({ min: 0, max: 3_000 }), fc.boolean(), (given, startupSeconds, rising) => {
      const at = rising ? [...given].sort((a, b) => b - a) : given;
      const added = trend(600, (ago) => at[ago / 5] ?? 0, startupSeconds);
      expect(added).toBeGreaterThanOrEqual(0);
      expect(added).toBeLessThanOrEqual(Math.max(...at));
    }),
    { seed: 8, numRuns: 1_000 },
  );
});
