import { describe, expect, it } from 'vitest';
import type { Clock } from '../clock.ts';
import type { Driver } from '../drivers/driver.ts';
import { ScalerError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { ABILITIES, LoopPlatform } from './loop-platform.test-support.ts';
import { World } from './world.test-support.ts';

const HOUR_MS = 3_600_000;

/** A world whose machine's clock can be set back by so much. */
function settableClock(world: World) {
  let backMs = 0;
  const clock: Clock = {
    nowMs: () => world.clock.nowMs() - backMs,
    sleep: (delayMs, signal) => world.clock.sleep(delayMs, signal),
  };
  const setBack = (ms: number) => {
    backMs = ms;
  };
  const signals = {
    read: async (nowMs: number) => ({
      samplesFor: () => world.signals(nowMs),
      inFlight: () => 0,
      isEmpty: (_: string, atMs: number) => nowMs >= atMs + 3_000,
    }),
  };
  return { clock, signals, setBack };
}

describe('a clock that is set back by an hour', () => {
  it('does not hold scale-ins for as long', async () => {
    const world = new World({ stabilizationSeconds: { out: 0, in: 30 }, max: 6 });
    const { setBack, ...parts } = settableClock(world);
    const scaler = world.scaler(parts);
    world.queue = 4;
    await world.ticks(scaler, 20);
    setBack(HOUR_MS);
    world.queue = 1;
    await world.ticks(scaler, 24);
    expect([world.desired, world.platform.ids.length]).toEqual([1, 1]);
  });

  it('does not hold orders after failures for as long', async () => {
    const world = new World({ max: 6 });
    const { setBack, ...parts } = settableClock(world);
    const scaler = world.scaler(parts);
    world.queue = 2;
    world.platform.refused = new Set(['scale']);
    await world.ticks(scaler, 20);
    world.platform.refused = new Set();
    setBack(HOUR_MS);
    await world.ticks(scaler, 4);
    expect(world.platform.ids.length).toBe(2);
  });

  it('does not hold draining ones for as long', async () => {
    const world = new World({ initial: 2, max: 6 });
    const { setBack, ...parts } = settableClock(world);
    const scaler = world.scaler(parts);
    world.queue = 2;
    await world.ticks(scaler, 6);
    world.queue = 1;
    await world.ticks(scaler, 1);
    setBack(HOUR_MS);
    await world.ticks(scaler, 4);
    expect(world.platform.ids.length).toBe(1);
  });
});

it('goes on with other groups when the state of one can not be read', async () => {
  const world = new World({ max: 6 });
  const load: Store['load'] = (group) => {
    if (group === 'bad') throw new ScalerError('SCALER_STORE', 'group bad is damaged');
    return world.store.load(group);
  };
  const store = new Proxy(world.store, {
    get: (target, key: keyof Store) => {
      if (key === 'load') return load;
      const member = target[key];
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  const groups = [
    { settings: world.settings, driver: world.platform.driver() },
    { settings: { ...world.settings, name: 'bad' }, driver: new LoopPlatform(world.clock).driver() },
  ];
  const scaler = world.scaler({ store, groups: () => groups });
  world.queue = 2;
  await world.ticks(scaler, 2);
  expect(world.platform.ids.length).toBe(2);
  expect(world.events.filter(({ kind }) => kind === 'tick-failed').length).toBe(2);
});

it('says in its record that the platform refuses its orders, and until when it waits', async () => {
  const world = new World({ max: 6 });
  world.queue = 2;
  world.platform.refused = new Set(['scale']);
  await world.ticks(world.scaler(), 4);
  const last = world.store.decisions(1)[0];
  expect(last?.limits.at(-1)?.because).toMatch(/refused \d order\(s\) in a row, the last one: /);
  expect(last?.reason).toContain('refused');
});

it('drains one that is taken away although its platform does not answer', async () => {
  const world = new World({ initial: 2 });
  world.queue = 2;
  const scaler = world.scaler();
  await world.ticks(scaler, 6);
  world.platform.refused = new Set(['list']);
  const [about = ''] = world.platform.ids;
  const atMs = world.clock.nowMs();
  world.store.putReport({
    kind: 'leaving',
    about,
    because: 'spot interruption',
    atMs,
    deadlineMs: atMs + 120_000,
  });
  await world.ticks(scaler, 2);
  const stateOf = () => world.rows.find(({ id }) => id === about)?.state;
  expect(stateOf()).toMatchObject({ kind: 'ready', leaving: { deadlineMs: atMs + 120_000 } });
  await world.ticks(scaler, 15);
  expect(stateOf()).toMatchObject({ kind: 'draining', deadlineMs: atMs + 120_000 });
  world.platform.refused = new Set();
  world.platform.kill(about);
  await world.ticks(scaler, 8);
  expect(world.rows.map(({ state }) => state.kind)).toEqual(['ready', 'ready']);
});

it('ends what is to be ended although there is no room for more', async () => {
  const world = new World({ initial: 2 });
  world.abilities = ABILITIES.chooses;
  world.queue = 2;
  const full = world.platform.driver(ABILITIES.chooses);
  let maxSize = 9;
  let calls = 0;
  const driver: Driver = {
    ...full,
    scale: async (order, signal) => {
      calls += 1;
      await full.scale({ ...order, desired: Math.min(order.desired, maxSize) }, signal);
      if (order.desired > maxSize)
        throw new ScalerError('SCALER_DRIVER_CAPACITY', `MaxSize is ${maxSize}`, { retryable: true });
    },
  };
  const scaler = world.scaler({ driver });
  await world.ticks(scaler, 6);
  const [sick = ''] = world.platform.ids;
  maxSize = 2;
  world.inFlight = { [sick]: 1 };
  world.platform.sicken(sick);
  await world.ticks(scaler, 60);
  expect(world.platform.ids).toContain(sick);
  calls = 0;
  world.inFlight = {};
  await world.ticks(scaler, 4);
  expect([world.platform.ids.length, world.platform.ids.includes(sick), calls]).toEqual([2, false, 1]);
});

it('raises and lowers a count at once though the platform has refused for long to go as low as it was told', async () => {
  const world = new World({ initial: 1, min: 0 });
  world.abilities = ABILITIES.chooses;
  world.queue = 1;
  const fake = world.platform.driver(ABILITIES.chooses);
  const driver: Driver = {
    ...fake,
    scale: async (order, signal) => {
      if (order.desired < 1) throw new ScalerError('SCALER_DRIVER_FAILED', 'MinSize is 1');
      await fake.scale(order, signal);
    },
  };
  const scaler = world.scaler({ driver });
  await world.ticks(scaler, 6);
  world.queue = 0;
  await world.ticks(scaler, 120);
  expect([world.desired, world.platform.ids.length]).toEqual([0, 1]);
  world.queue = 3;
  await world.ticks(scaler, 1);
  expect(world.platform.ids.length).toBeGreaterThanOrEqual(3);
  await world.ticks(scaler, 4);
  world.queue = 1;
  await world.ticks(scaler, 4);
  expect(world.platform.ids.length).toBe(1);
});

it.each([
  ['counts', ABILITIES.counts],
  ['chooses', ABILITIES.chooses],
])('goes in at once although there was no room for more (a platform that %s)', async (_, abilities) => {
  const world = new World({ initial: 2, max: 9 });
  world.abilities = abilities;
  const full = world.platform.driver(abilities);
  let room = 2;
  const driver: Driver = {
    ...full,
    scale: async (order, signal) => {
      await full.scale({ ...order, desired: Math.min(order.desired, room) }, signal);
      if (order.desired > room)
        throw new ScalerError('SCALER_DRIVER_CAPACITY', 'no suitable node', { retryable: true });
    },
  };
  const scaler = world.scaler({ driver });
  world.queue = 6;
  await world.ticks(scaler, 70);
  world.queue = 1;
  await world.ticks(scaler, 6);
  expect([world.desired, world.platform.ids.length]).toEqual([1, 1]);
  // Nor does anything wait once the platform has done what was ordered.
  room = 9;
  world.queue = 7;
  await world.ticks(scaler, 2);
  expect([world.desired, world.platform.ids.length]).toEqual([7, 7]);
});

it('ends none of those that served because after a restart it can reach none of them', async () => {
  const world = new World({ initial: 2, startup: { expectedSeconds: 20, timeoutSeconds: 60 } });
  world.queue = 2;
  const fake = world.platform.driver();
  await world.ticks(world.scaler({ driver: { ...fake, startsOnce: true } }), 6);
  const before = world.platform.ids;
  let cut = true;
  // As a driver does that asks replicas itself and remembers in its process only who has answered.
  const driver: Driver = {
    ...fake,
    startsOnce: true,
    list: async (...of) => {
      const all = await fake.list(...of);
      return cut ? all.map((each) => ({ ...each, state: 'starting' as const })) : all;
    },
  };
  const scaler = world.scaler({ driver });
  await world.ticks(scaler, 120);
  expect(world.platform.ids).toEqual(expect.arrayContaining([...before]));
  cut = false;
  await world.ticks(scaler, 10);
  expect(world.rows.filter(({ state }) => state.kind === 'ready')).toHaveLength(2);
});

it('keeps no more unhealthy ones than a group may have replicas, however many fall ill', async () => {
  const world = new World({ initial: 2, max: 4 });
  world.queue = 2;
  const scaler = world.scaler();
  let most = 0;
  for (let round = 0; round < 30; round += 1) {
    await world.ticks(scaler, 8);
    // Stuck with what they were given, as far as gateways can tell.
    world.inFlight = Object.fromEntries(world.platform.ids.map((id) => [id, 1]));
    for (const id of world.platform.ids) world.platform.sicken(id);
    most = Math.max(most, world.platform.ids.length);
  }
  // Four, two that serve, and those that had to drain when the next fell ill.
  expect(most).toBeLessThanOrEqual(4 + 2 + 8);
});
