import { describe, expect, it } from 'vitest';
import { KILL_PLANS, type KillPlan, type KillPoint } from './kill-plans.ts';
import { killedAt, type Outcome, undisturbed } from './kill-run.ts';

// Each point takes two processes of the scaler, so the default run has every call that changes something and a third of those that only
// read or renew; `pnpm test:kill` has all.
const FULL = process.env.KILL_POINTS === 'all';
const QUIET = /^(acquireLease|list)$/;
const PARALLEL = 2;

const turns = Array.from({ length: PARALLEL }, () => Promise.resolve());
let places = 0;

/** Runs it after the one before in one of the queues: tests of a block begin together, and each would slow down the others. */
function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const place = places++ % PARALLEL;
  const result = (turns[place] ?? Promise.resolve()).then(task);
  turns[place] = result.then(
    () => undefined,
    () => undefined,
  );
  return result;
}

describe.each(KILL_PLANS)('killed in the plan "$name"', (plan) => {
  const points = FULL
    ? [...plan.points, ...plan.others]
    : plan.points.filter(({ name }, index) => !QUIET.test(name) || index % 3 === 0);

  it.concurrent('nobody: it makes every call of the table', { timeout: 240_000 }, async () => {
    const { outcome, trace } = await inTurn(() => undisturbed(plan));
    expectRest(plan, outcome);
    expect(outcome.launchedIds.length).toBe(plan.launches);
    const made = new Set(trace);
    expect(points.map(nameOf).filter((name) => !made.has(name))).toEqual([]);
  });

  it.concurrent.each(points.map((point) => ({ point, name: nameOf(point) })))(
    '$name',
    { timeout: 240_000 },
    async ({ point }) => {
      const outcome = await inTurn(() => killedAt(plan, point));
      expectRest(plan, outcome);
      expect(outcome.launchedIds.length).toBe(plan.launches);
      // One that broke while no scaler looked was never seen: its launch is made up for under the same id.
      if (plan.first !== 'broken') expect(new Set(outcome.launchedIds).size).toBe(plan.launches);
    },
  );
});

function expectRest({ orders }: KillPlan, { desired, alive, rows, states, doubled }: Outcome): void {
  const target = orders.at(-1) ?? 0;
  expect({ desired, alive, states, doubled }).toEqual({
    desired: target,
    alive: rows,
    states: Array.from({ length: target }, () => 'ready'),
    doubled: [],
  });
}

function nameOf({ when, name, nth }: KillPoint): string {
  return `${when} ${name} ${nth}`;
}
