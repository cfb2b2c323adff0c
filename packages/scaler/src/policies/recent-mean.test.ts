import { expect, it } from 'vitest';
import { decisionOf, missing, NOW_MS, samples, seenValues } from '../decide/decision.test-support.ts';
import { recentMean } from './recent-mean.ts';

const seen = (secondsAgo: number, value: number) =>
  decisionOf(secondsAgo, { signals: seenValues({ rate: value }) });
const at = (past: ReturnType<typeof seen>[], now = samples({})) => ({ past, samples: now, nowMs: NOW_MS });

it.each<[string, number, number, ReturnType<typeof at>, { mean: number; values: number } | undefined]>([
  ['is unknown without values', 60, 0, at([]), undefined],
  [
    'is the value of now when it is the only one',
    60,
    0,
    at([], samples({ rate: 7 })),
    { mean: 7, values: 1 },
  ],
  [
    'is even over even ticks',
    60,
    0,
    at([seen(10, 0), seen(5, 1)], samples({ rate: 3 })),
    { mean: 2, values: 3 },
  ],
  [
    'leaves out what is older',
    10,
    0,
    at([seen(15, 9), seen(10, 9), seen(5, 1)], samples({ rate: 3 })),
    { mean: 2, values: 2 },
  ],
  [
    'leaves out what is later',
    20,
    10,
    at([seen(20, 9), seen(15, 4), seen(10, 2), seen(5, 9)], samples({ rate: 9 })),
    { mean: 3, values: 2 },
  ],
  [
    'counts a tick for the time since the tick before',
    60,
    5,
    at([seen(40, 9), seen(20, 1), seen(10, 4)]),
    { mean: (9 * 0.001 + 20 * 1 + 10 * 4) / 30.001, values: 3 },
  ],
])('%s', (_, from, to, given, mean) => {
  const found = recentMean('rate', from, to, given);
  expect(found && { ...found, mean: Number(found.mean.toFixed(3)) }).toEqual(
    mean && { ...mean, mean: Number(mean.mean.toFixed(3)) },
  );
});

it('leaves out what was missing or stale', () => {
  const stale = decisionOf(10, { signals: { rate: { kind: 'stale', value: 100, ageSeconds: 50 } } });
  const gone = decisionOf(5, { signals: { rate: { kind: 'missing', reason: 'x', ageSeconds: 0 } } });
  const given = { past: [seen(15, 2), stale, gone], samples: { rate: missing() }, nowMs: NOW_MS };
  expect(recentMean('rate', 60, 0, given)).toEqual({ mean: 2, values: 1 });
});
