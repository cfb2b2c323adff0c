import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NOW_MS } from '../decide/decision.test-support.ts';
import { ABILITIES } from './loop-platform.test-support.ts';
import { NO_SIGNAL, World } from './world.test-support.ts';

/** Whatever may make a scaler act. */
type Happening =
  | { readonly kind: 'queue'; readonly messages: number | undefined }
  | { readonly kind: 'dies' | 'fails' | 'appears' | 'restarts' | 'list-answers' | 'list-refused' }
  | { readonly kind: 'bounds'; readonly min: number; readonly max: number }
  | { readonly kind: 'manual'; readonly target: number }
  | { readonly kind: 'time'; readonly seconds: number };

const count = fc.integer({ min: 0, max: 6 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('queue' as const), messages: fc.option(count, { nil: undefined }) }),
  fc.record({
    kind: fc.constantFrom('dies' as const, 'fails' as const, 'appears' as const, 'restarts' as const),
  }),
  fc.record({ kind: fc.constantFrom('list-answers' as const, 'list-refused' as const) }),
  fc.record({ kind: fc.constant('bounds' as const), min: count, max: count }),
  fc.record({ kind: fc.constant('manual' as const), target: count }),
  // Beyond start-ups and drains that take too long.
  fc.record({ kind: fc.constant('time' as const), seconds: fc.constantFrom(1, 30, 100) }),
);

it('orders nothing in a dry run, whatever happens', { timeout: 60_000 }, async () => {
  let settled = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.values(ABILITIES)),
      // Real ticks first, so that there are replicas that drain, start and wait to be ended.
      fc.array(count, { maxLength: 3 }),
      fc.array(happening, { minLength: 1, maxLength: 8 }),
      async (abilities, before, happenings) => {
        const world = new World({
          initial: 1,
          drainSeconds: 20,
          startup: { expectedSeconds: 20, timeoutSeconds: 40 },
        });
        world.abilities = abilities;
        const real = world.scaler();
        for (const queue of before) {
          world.queue = queue;
          await real.tick(NO_SIGNAL);
          await world.clock.advance(15_000);
        }
        const orders = world.platform.orders.length;
        const { desired } = world;
        let dry = world.scaler({ dryRun: true });
        for (const each of happenings) {
          const restarts = await happen(each, world);
          if (restarts) dry = world.scaler({ dryRun: true });
          await dry.tick(NO_SIGNAL);
          await world.clock.advance(5_000);
        }
        expect([world.platform.orders.length, world.desired]).toEqual([orders, desired]);
        settled += world.store
          .decisions(99)
          .filter((each) => each.dryRun && each.target !== each.current).length;
      },
    ),
    { seed: 7, numRuns: 10_000 },
  );
  // It would have acted often enough for this to mean something.
  expect(settled).toBeGreaterThan(10_000);
});

/** Whether the scaler restarts. */
async function happen(each: Happening, world: World): Promise<boolean> {
  const [first = 'none'] = world.platform.ids;
  if (each.kind === 'queue') world.queue = each.messages;
  if (each.kind === 'dies') world.platform.kill(first);
  if (each.kind === 'fails') world.platform.fail(first);
  if (each.kind === 'appears') world.platform.exists('x');
  if (each.kind === 'list-answers') world.platform.refused = new Set();
  if (each.kind === 'list-refused') world.platform.refused = new Set(['list']);
  if (each.kind === 'bounds') {
    const { min, max } = each;
    world.settings = { ...world.settings, min: Math.min(min, max), max };
  }
  if (each.kind === 'manual') {
    const untilMs = world.clock.nowMs() + 60_000;
    world.store.setManual('cpu', { target: each.target, reason: 'a test', untilMs });
  }
  if (each.kind === 'time') await world.clock.advance(1_000 * each.seconds);
  return each.kind === 'restarts';
}

const bounds = (given: Partial<World['settings']>) => (world: World) => {
  world.settings = { ...world.settings, ...given };
};
const queue = (messages: number) => (world: World) => {
  world.queue = messages;
};
const byHand = (target: number) => (world: World) =>
  world.store.setManual('cpu', { target, reason: 'a test', untilMs: NOW_MS + 1_000_000 });

it.each<[string, (world: World) => void, number]>([
  ['a minimum that was raised', bounds({ min: 5 }), 5],
  ['a maximum that was lowered', bounds({ max: 1 }), 1],
  ['a queue', queue(4), 4],
  ['a count set by hand', byHand(6), 6],
])('says what it would do about %s', async (_, change, target) => {
  const world = new World({ initial: 2 });
  world.queue = 2;
  await world.ticks(world.scaler(), 6);
  const orders = world.platform.orders.length;
  change(world);
  await world.ticks(world.scaler({ dryRun: true }), 20);
  expect(world.platform.orders).toHaveLength(orders);
  expect(world.store.decisions(1)[0]).toMatchObject({ current: 2, target, dryRun: true });
});

it('takes what exists for the count of a group that was never ordered', async () => {
  const world = new World({ initial: 1 });
  world.platform.exists('x');
  world.platform.exists('y');
  world.queue = 5;
  await world.ticks(world.scaler({ dryRun: true }), 3);
  expect([world.platform.orders, world.desired]).toEqual([[], undefined]);
  expect(world.store.decisions(1)[0]).toMatchObject({ current: 2, target: 5, dryRun: true });
});
