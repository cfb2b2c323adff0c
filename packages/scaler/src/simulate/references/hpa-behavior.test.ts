import { describe, expect, it } from 'vitest';
import {
  type HpaBehavior,
  type HpaEvent,
  type HpaScalingPolicy,
  limitVelocity,
  stabilize,
} from './hpa-behavior.ts';

const behavior = (
  upWindow: number,
  downWindow: number,
  up: readonly HpaScalingPolicy[] = [],
  down: readonly HpaScalingPolicy[] = [],
): HpaBehavior => ({
  up: { stabilizationWindowSeconds: upWindow, policies: up },
  down: { stabilizationWindowSeconds: downWindow, policies: down },
});
const events = (...pairs: readonly (readonly [number, number])[]): readonly HpaEvent[] =>
  pairs.map(([second, replicas]) => ({ second, replicas }));

describe('stabilize, current 5', () => {
  it.each([
    ['up takes the lowest of its window', behavior(60, 300), 9, events([950, 7], [970, 8]), 7],
    ['what is older than the window does not count', behavior(60, 300), 9, events([940, 7], [970, 8]), 8],
    ['one that asked for less than now holds it', behavior(60, 300), 9, events([970, 3]), 5],
    ['without a window up is at once', behavior(0, 300), 9, events([985, 3]), 9],
    ['down takes the highest of its window', behavior(0, 300), 2, events([701, 4], [900, 3]), 4],
    ['the highest is older than the window', behavior(0, 300), 2, events([700, 4], [900, 3]), 3],
    ['one that asked for more than now holds it', behavior(0, 300), 2, events([800, 9]), 5],
  ])('%s', (_, given, recommended, earlier, expected) => {
    expect(stabilize(recommended, 5, earlier, 1000, given)).toBe(expected);
  });
});

describe('limitVelocity', () => {
  const byDefault = behavior(
    0,
    300,
    [
      { type: 'Percent', value: 100, periodSeconds: 15 },
      { type: 'Pods', value: 4, periodSeconds: 15 },
    ],
    [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  );
  const of002 = behavior(
    60,
    300,
    [{ type: 'Percent', value: 50, periodSeconds: 60 }],
    [{ type: 'Pods', value: 1, periodSeconds: 60 }],
  );
  it.each([
    ['default, few: 4 pods are more than 100 %', byDefault, 1, 50, [], [], 5],
    ['default, many: 100 % are more than 4 pods', byDefault, 10, 50, [], [], 20],
    ['default, down: all at once', byDefault, 10, 0, [], [], 0],
    ['002, up: half as many again, rounded up', of002, 5, 50, [], [], 8],
    ['002: the period began with 4, so 6 is all it allows', of002, 6, 50, events([970, 2]), [], 6],
    ['002: of an event a whole period ago nothing is left', of002, 6, 50, events([940, 2]), [], 9],
    ['002: the period began with 8; 12 are allowed', of002, 6, 50, [], events([970, 2]), 12],
    ['002, down: one', of002, 6, 2, [], [], 5],
    ['002, down: it went already', of002, 5, 2, [], events([970, 1]), 5],
    [
      '002, down: what came in the period is no reason to hold what was there',
      of002,
      6,
      2,
      events([970, 2]),
      [],
      3,
    ],
    ['nothing to do', of002, 6, 6, [], [], 6],
  ])('%s', (_, given, current, wanted, ups, downs, expected) => {
    expect(limitVelocity(wanted, current, ups, downs, 1000, given)).toBe(expected);
  });
});
