import { expect, it } from 'vitest';
import { NOW_MS } from '../decide/decision.test-support.ts';
import { queuedWorkPolicy } from '../values/group-settings.test-support.ts';
import type { Samples } from '../values/sample.ts';
import { ABILITIES, LoopPlatform } from './loop-platform.test-support.ts';
import { World } from './world.test-support.ts';

const counts = (world: World) =>
  world.store
    .decisions(100)
    .map(({ ready, starting, draining }) => [ready, starting, draining])
    .reverse();

it.each(Object.entries(ABILITIES))(
  'counts launches that %s the platform does not list yet as starting',
  async (_, abilities) => {
    const world = new World({ initial: 2 });
    world.abilities = abilities;
    world.platform.listLagSeconds = 8;
    world.queue = 2;
    await world.ticks(world.scaler(), 6);
    expect(counts(world)).toEqual([
      [0, 0, 0],
      [0, 2, 0],
      [0, 2, 0],
      [0, 2, 0],
      [2, 0, 0],
      [2, 0, 0],
    ]);
  },
);

it.each(Object.entries(ABILITIES))(
  'does not count one that is late as starting (a platform that %s)',
  async (_, abilities) => {
    const world = new World({ initial: 1, startup: { expectedSeconds: 20, timeoutSeconds: 14 } });
    world.abilities = abilities;
    world.queue = 1;
    await world.ticks(world.scaler(), 4);
    expect(counts(world)).toEqual([
      [0, 0, 0],
      [0, 1, 0],
      [0, 1, 0],
      [0, 0, 0],
    ]);
  },
);

it('does not count those as starting that a counting platform never launched', async () => {
  const world = new World({ initial: 1, startup: { expectedSeconds: 20, timeoutSeconds: 14 } });
  world.abilities = ABILITIES.counts;
  world.queue = 1;
  world.platform.listLagSeconds = 1_000;
  await world.ticks(world.scaler(), 4);
  expect(counts(world)).toEqual([
    [0, 0, 0],
    [0, 1, 0],
    [0, 1, 0],
    [0, 0, 0],
  ]);
});

it('adds what the platform measures to the signals, and goes without it when it fails', async () => {
  const world = new World({ initial: 1 });
  world.queue = 1;
  const cpu = (value: number): Samples => ({ cpu_percent: { kind: 'value', value, atMs: NOW_MS } });
  let measured: () => Promise<Samples> = async () => cpu(40);
  const driver = { ...world.platform.driver(), measure: () => measured() };
  const scaler = world.scaler({ driver });
  await world.ticks(scaler, 1);
  expect(world.store.decisions(1)[0]?.signals.cpu_percent).toMatchObject({ kind: 'value', value: 40 });
  measured = () => Promise.reject(new Error('no agent'));
  await world.ticks(scaler, 1);
  expect(Object.keys(world.store.decisions(1)[0]?.signals ?? {})).toEqual(['queue']);
  expect(world.events).toContainEqual({
    kind: 'driver-called',
    group: 'cpu',
    driver: 'fake',
    call: 'measure',
    seconds: 0,
    error: new Error('no agent'),
  });
});

it('takes a signal that somebody configured before what the platform measures by that name', async () => {
  const world = new World({ initial: 1 });
  const sample = (value: number) => ({ kind: 'value', value, atMs: NOW_MS }) as const;
  world.signals = () => ({ cpu_percent: sample(61) });
  const measure = async (): Promise<Samples> => ({ cpu_percent: sample(40), memory_percent: sample(7) });
  await world.ticks(world.scaler({ driver: { ...world.platform.driver(), measure } }), 1);
  expect(world.store.decisions(1)[0]?.signals).toMatchObject({
    cpu_percent: { value: 61 },
    memory_percent: { value: 7 },
  });
});

it('shares work out between two groups by what they cost', async () => {
  const world = new World();
  const settings = { ...world.settings, policies: [queuedWorkPolicy()] };
  const large = { ...settings, name: 'gpu', class: 'gpu', chunksPerSecond: 100, pricePerHour: 5 };
  const other = new LoopPlatform(world.clock);
  world.signals = (atMs) => ({
    queued_chunks: { kind: 'value', value: 0, atMs },
    arrivals_per_second: { kind: 'value', value: rate, atMs },
  });
  const [cpu, gpu] = [world.platform.driver(), other.driver()];
  const groups = () => [
    { settings, driver: cpu },
    { settings: large, driver: gpu },
  ];
  const scaler = world.scaler({ groups });
  // Below 32/s four or fewer at $1 are the cheapest; from 40/s on one at $5.
  let rate = 20;
  await world.ticks(scaler, 30);
  expect([world.platform.ids.length > 0, other.ids.length]).toEqual([true, 0]);
  rate = 75;
  await world.ticks(scaler, 60);
  expect([world.platform.ids.length, other.ids.length]).toEqual([0, 1]);
});

it.each<['list' | 'scale', readonly string[], number]>([
  ['list', ['fake did not answer list within 10 s'], 0],
  ['scale', ['fake did not answer scale within 10 s'], 1],
])('goes on when a platform never answers a call of %s', async (call, errors, desired) => {
  const world = new World({ initial: 1 });
  world.queue = 1;
  const signals: AbortSignal[] = [];
  const never = (_: unknown, signal: AbortSignal) => {
    signals.push(signal);
    return new Promise<never>(() => undefined);
  };
  const driver = { ...world.platform.driver(), [call]: never };
  const stop = new AbortController();
  const running = world.scaler({ driver }).run(stop.signal);
  await world.clock.advance(10_000);
  const failed = world.events.flatMap((each) =>
    each.kind === 'driver-called' && each.error ? [each.error.message] : [],
  );
  expect([failed, signals[0]?.aborted]).toEqual([errors, true]);
  expect(world.store.decisions(1)[0]).toMatchObject({ target: desired });
  stop.abort();
  await world.clock.advance(10_000);
  await running;
  expect(world.clock.pendingSleeps).toBe(0);
});
