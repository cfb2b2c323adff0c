import { beforeAll, expect, it } from 'vitest';
import { KILL_PLANS, type KillPlan, type KillPoint } from '../../test/kill-plans.ts';
import { type StoodStill, stoppedAt } from '../../test/kill-run.ts';

const plan = KILL_PLANS.find(({ name }) => name === '0 to 3') as KillPlan; // it is the first of them

const POINTS: readonly KillPoint[] = [
  { when: 'after', name: 'list', nth: 1 },
  { when: 'before', name: 'commit', nth: 1 },
  { when: 'after', name: 'commit', nth: 1 },
  // What it takes for now is from before it stood still.
  { when: 'before', name: 'acquireLease', nth: 2 },
  { when: 'after', name: 'acquireLease', nth: 2 },
  { when: 'before', name: 'scale', nth: 1 },
  { when: 'before', name: 'driver clock', nth: 1 },
  { when: 'before', name: 'driver clock', nth: 3 },
  { when: 'before', name: 'launched', nth: 1 },
  { when: 'after', name: 'scale', nth: 1 },
];

// All at once: they wait 20 s for the lease to end, and take nearly nothing else.
const stood = new Map<KillPoint, Promise<StoodStill>>();
beforeAll(async () => {
  for (const point of POINTS) stood.set(point, stoppedAt(plan, point, 1));
  await Promise.allSettled(stood.values());
});

it.each(POINTS.map((point) => ({ ...point, point })))(
  'a scaler that stood still $when $name $nth, while three were to be launched, launches none when only one is wanted by now',
  async ({ point }) => {
    const { outcome, launchedLate } = (await stood.get(point)) as StoodStill; // each point has one
    expect({ launchedLate, ...outcome }).toMatchObject({
      launchedLate: [],
      desired: 1,
      alive: outcome.rows,
      states: ['ready'],
    });
  },
);
