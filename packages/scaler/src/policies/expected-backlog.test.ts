import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BacklogOutlook, expectedBacklog } from './expected-backlog.ts';

const outlook: BacklogOutlook = { queuedChunks: 600, arrivalsPerSecond: 10, servedPerSecond: 12, coming: [] };
const coming = (...inSeconds: readonly number[]) =>
  inSeconds.map((at) => ({ inSeconds: at, chunksPerSecond: 12 }));

it.each<[string, Partial<BacklogOutlook>, number, number]>([
  ['600 - 2·30 - 14·30', { coming: coming(30) }, 60, 120],
  ['nothing comes', {}, 60, 480],
  ['what comes later does not count', { coming: coming(60, 90) }, 60, 480],
  ['what is overdue counts from now', { coming: coming(-20) }, 60, 0],
  ['never below nothing', { queuedChunks: 1, coming: coming(1) }, 1_000, 0],
  ['an empty queue fills only from when it is short', { queuedChunks: 0, servedPerSecond: 4 }, 10, 60],
  ['no time, no change', {}, 0, 600],
])('%s', (_, given, horizonSeconds, backlog) => {
  expect(expectedBacklog({ ...outlook, ...given }, horizonSeconds)).toBe(backlog);
});

/** The same, second by second: exact when capacity comes at whole seconds. */
function simulated(
  { queuedChunks, arrivalsPerSecond, servedPerSecond, coming }: BacklogOutlook,
  horizon: number,
) {
  let backlog = queuedChunks;
  for (let second = 0; second < horizon; second += 1) {
    const more = coming.filter(({ inSeconds }) => inSeconds <= second);
    const served = more.reduce((sum, each) => sum + each.chunksPerSecond, servedPerSecond);
    backlog = Math.max(0, backlog + arrivalsPerSecond - served);
  }
  return backlog;
}

it('is what a simulation second by second comes to', () => {
  const rate = fc.integer({ min: 0, max: 50 });
  fc.assert(
    fc.property(
      fc.record({
        queuedChunks: fc.integer({ min: 0, max: 2_000 }),
        arrivalsPerSecond: rate,
        servedPerSecond: rate,
        coming: fc.array(
          fc.record({ inSeconds: fc.integer({ min: -20, max: 120 }), chunksPerSecond: rate }),
          {
            maxLength: 6,
          },
        ),
      }),
      fc.integer({ min: 0, max: 100 }),
      (given, horizon) => {
        expect(expectedBacklog(given, horizon)).toBeCloseTo(simulated(given, horizon), 6);
      },
    ),
    { seed: 1, numRuns: 3_000 },
  );
});
