import { expect, it } from 'vitest';
import { ecsOptionsSchema } from '../drivers/ecs/ecs-options.ts';
import { FakeEcs, type FakeTask, NO_METRICS } from '../drivers/ecs/fake-ecs.test-support.ts';
import { EcsDriver } from '../drivers/ecs-driver.ts';
import { NO_SIGNAL, World } from './world.test-support.ts';

// The real loop and the real driver over a fake ECS that replaces what is unhealthy, interrupted or of an old deployment by itself: the two must
// not do the same work twice, nor undo each other's.

interface Scenario {
  readonly before: number;
  readonly taskProtection?: boolean;
  /** What happens before each tick, by its number. */
  readonly changes: Readonly<Record<number, (world: World, ecs: FakeEcs) => void>>;
  /** Running at the end, ever started, and the smallest and largest counts that were ordered. */
  readonly end: number;
  readonly launches: number;
  readonly ordered: readonly [number, number];
}

const TICKS = 40;

const queue = (messages: number) => (world: World) => {
  world.queue = messages;
};

const first = (ecs: FakeEcs): ((task: FakeTask) => boolean) => {
  const arn = ecs.tasks[0]?.arn;
  return (task) => task.arn === arn;
};

const interrupt = (world: World, ecs: FakeEcs) =>
  ecs.change(first(ecs), {
    desiredStatus: 'STOPPED',
    stopCode: 'SpotInterruption',
    stoppingAtMs: world.clock.nowMs(),
  });

it.each<[string, Scenario]>([
  ['0 to 3', { before: 0, changes: { 0: queue(3) }, end: 3, launches: 3, ordered: [0, 3] }],
  ['3 to 1', { before: 3, changes: { 0: queue(1) }, end: 1, launches: 3, ordered: [1, 3] }],
  [
    '3 to 1 where ECS chooses',
    { before: 3, taskProtection: false, changes: { 0: queue(1) }, end: 1, launches: 3, ordered: [1, 3] },
  ],
  [
    'a rollout',
    { before: 3, changes: { 1: (_, ecs) => ecs.rollOut('cpu') }, end: 3, launches: 6, ordered: [3, 3] },
  ],
  [
    'a rollout where ECS chooses',
    {
      before: 3,
      taskProtection: false,
      changes: { 1: (_, ecs) => ecs.rollOut('cpu') },
      end: 3,
      launches: 6,
      ordered: [3, 3],
    },
  ],
  [
    'a rollout while less is wanted',
    {
      before: 4,
      changes: {
        1: (_, ecs) => ecs.rollOut('cpu'),
        2: queue(2),
      },
      end: 2,
      launches: 8,
      ordered: [2, 4],
    },
  ],
  ['a spot interruption', { before: 3, changes: { 1: interrupt }, end: 3, launches: 4, ordered: [3, 3] }],
  [
    'a task that turns unhealthy',
    {
      before: 3,
      changes: { 1: (_, ecs) => ecs.change(first(ecs), { health: 'UNHEALTHY' }) },
      end: 3,
      launches: 4,
      ordered: [3, 3],
    },
  ],
  [
    'a count that somebody sets by hand',
    {
      before: 2,
      changes: { 1: (_, ecs) => void ecs.setDesired({ cluster: 'embed', service: 'cpu' }, 4, NO_SIGNAL) },
      end: 2,
      launches: 4,
      ordered: [2, 4],
    },
  ],
  [
    'room for two, and later for all',
    {
      before: 1,
      changes: {
        0: (world, ecs) => {
          world.queue = 4;
          ecs.room = 2;
        },
        8: (_, ecs) => {
          ecs.room = 100;
        },
      },
      end: 4,
      launches: 4,
      ordered: [1, 4],
    },
  ],
])('comes to rest after %s', async (_, { before, taskProtection = true, changes, ...expected }) => {
  const world = new World({
    min: 0,
    initial: before,
    startup: { expectedSeconds: 10, timeoutSeconds: 120 },
    drainSeconds: 30,
  });
  const ecs = new FakeEcs(world.clock);
  ecs.create('cpu');
  const options = ecsOptionsSchema.parse({ cluster: 'embed', service: 'cpu', taskProtection });
  const driver = new EcsDriver(new Map([['cpu', options]]), {
    ecs,
    instances: ecs,
    scaling: ecs,
    cloudWatch: NO_METRICS,
    clock: world.clock,
    onEvent: () => undefined,
  });
  const scaler = world.scaler({ driver });
  const tick = async () => {
    await scaler.tick(NO_SIGNAL);
    ecs.step();
    await world.clock.advance(5_000);
  };
  world.queue = before;
  for (let i = 0; i < 8; i += 1) await tick();
  const ordered = new Set([ecs.desired('cpu')]);
  for (let i = 0; i < TICKS; i += 1) {
    changes[i]?.(world, ecs);
    ordered.add(ecs.desired('cpu'));
    await tick();
    ordered.add(ecs.desired('cpu'));
  }
  const alive = ecs.tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING');
  expect({
    end: alive.length,
    launches: ecs.history.length,
    ordered: [Math.min(...ordered), Math.max(...ordered)],
  }).toEqual(expected);
  expect(world.rows.map(({ id, state }) => `${state.kind} ${id}`).toSorted()).toEqual(
    alive.map(({ arn }) => `ready cpu-${arn.slice(-32)}`).toSorted(),
  );
  ecs.calls.length = 0;
  await tick();
  expect(ecs.calls.filter((call) => /setDesired|stopTask|protect/.test(call))).toEqual([]);
});
