import { describe, expect, it } from 'vitest';
import { NOW_MS } from '../decide/decision.test-support.ts';
import { World } from './world.test-support.ts';

const leading = (world: World) =>
  world.events.flatMap((each) => (each.kind === 'leading' ? [`${each.holder} ${each.leading}`] : []));

describe('two scalers on one store', () => {
  it('act one at a time, and the second takes over when the lease of the first is up', async () => {
    const world = new World({ initial: 2 });
    world.queue = 2;
    const a = world.scaler({ holder: 'a' });
    const b = world.scaler({ holder: 'b' });
    await a.tick(AbortSignal.abort());
    await b.tick(AbortSignal.abort());
    expect([a.leading, b.leading, b.ready]).toEqual([true, false, true]);
    expect(world.platform.launched).toHaveLength(2);
    world.queue = 3;
    await world.clock.advance(19_999);
    await b.tick(AbortSignal.abort());
    expect([b.leading, world.desired]).toEqual([false, 2]);
    await world.clock.advance(1);
    await b.tick(AbortSignal.abort());
    expect([b.leading, world.desired]).toEqual([true, 3]);
    await a.tick(AbortSignal.abort());
    expect([a.leading, world.platform.launched.length]).toEqual([false, 3]);
    expect(leading(world)).toEqual(['a true', 'b false', 'b true', 'a false']);
  });

  it('come to the same end as one', async () => {
    const world = new World({ initial: 0 });
    const scalers = [world.scaler({ holder: 'a' }), world.scaler({ holder: 'b' })];
    for (const [tick, queue] of [3, 3, 5, 5, 1, 1, 4, 4, 0, 0, 0, 0].entries()) {
      world.queue = queue;
      // Now one is late, now the other, by more than the lease.
      const late = scalers[Math.floor(tick / 4) % 2];
      for (const scaler of scalers) if (scaler !== late) await world.ticks(scaler, 3);
    }
    expect([world.platform.ids, world.rows, world.desired]).toEqual([[], [], 0]);
    expect(new Set(world.platform.launched).size).toBe(world.platform.launched.length);
    expect(world.platform.peak).toBeLessThanOrEqual(6);
  });

  it('does not act on what it read when another took over meanwhile', async () => {
    const world = new World({ initial: 2 });
    const a = world.scaler({ holder: 'a', signals: world.source(21_000) });
    const tick = a.tick(new AbortController().signal);
    await world.clock.advance(20_500);
    await world.scaler({ holder: 'b' }).tick(new AbortController().signal);
    const launched = [...world.platform.launched];
    await world.clock.advance(500);
    await tick;
    const failed = world.events.flatMap((event) => (event.kind === 'tick-failed' ? event.error.message : []));
    expect(failed).toEqual([expect.stringContaining('the lease of epoch 1 is lost: b has it under epoch 2')]);
    expect([world.platform.launched, a.leading]).toEqual([launched, false]);
  });
});

it('holds its lease while it calls the platform, however long reading took', async () => {
  const world = new World({ initial: 2 });
  const driver = world.platform.driver();
  const slow = {
    ...driver,
    scale: async (...call: Parameters<typeof driver.scale>) => {
      await world.clock.sleep(9_000);
      return driver.scale(...call);
    },
  };
  const a = world.scaler({ holder: 'a', driver: slow, signals: world.source(15_000) });
  const tick = a.tick(new AbortController().signal);
  await world.clock.advance(20_000);
  expect(world.store.acquireLease('b', NOW_MS + 20_000, 1).kind).toBe('other');
  await world.clock.advance(4_000);
  await tick;
  expect(world.platform.ids).toHaveLength(2);
});

it('knows what another scaler decided meanwhile', async () => {
  const world = new World({ initial: 3, stabilizationSeconds: { out: 0, in: 100 } });
  world.queue = 3;
  const a = world.scaler({ holder: 'a' });
  await world.ticks(a, 6);
  await world.clock.advance(20_000);
  world.queue = 1;
  const b = world.scaler({ holder: 'b' });
  await world.ticks(b, 15);
  await world.clock.advance(20_000);
  expect(world.desired).toBe(3);
  // 75 s of votes for one are b's.
  await world.ticks(a, 2);
  expect([a.leading, world.desired]).toEqual([true, 1]);
});

describe('a restart', () => {
  const cooldown = { out: 0, in: 300 };

  it('keeps count, replicas and cooldown', async () => {
    const world = new World({ initial: 1, cooldownSeconds: cooldown });
    world.queue = 3;
    await world.ticks(world.scaler(), 6);
    const before = { ids: world.platform.ids, rows: world.rows, desired: world.desired };
    world.queue = 1;
    const changedAtMs = world.store.load('cpu').lastScaling?.atMs ?? Number.NaN;
    await world.ticks(world.scaler(), 3);
    expect({ ids: world.platform.ids, rows: world.rows, desired: world.desired }).toEqual(before);
    const after = world.scaler();
    while (world.desired === 3) await world.ticks(after, 1);
    expect(world.store.load('cpu').lastScaling).toMatchObject({
      from: 3,
      to: 1,
      atMs: changedAtMs + 300_000,
    });
  });

  it('keeps the votes of its window, unless it was down for long', async () => {
    const scaledInAfter = async (downMs: number) => {
      const world = new World({ initial: 3, stabilizationSeconds: { out: 0, in: 100 } });
      world.queue = 3;
      await world.ticks(world.scaler(), 6);
      world.queue = 1;
      await world.ticks(world.scaler(), 15);
      await world.clock.advance(downMs);
      const upAtMs = world.clock.nowMs();
      const scaler = world.scaler();
      while (world.desired === 3) await world.ticks(scaler, 1);
      return ((world.store.load('cpu').lastScaling?.atMs ?? 0) - upAtMs) / 1_000;
    };
    // 75 s of votes for one are known; 20 s more are needed.
    expect([await scaledInAfter(5_000), await scaledInAfter(60_000)]).toEqual([15, 95]);
  });

  it('holds a count set by hand until it expires', async () => {
    const world = new World({ initial: 1 });
    world.queue = 1;
    await world.ticks(world.scaler(), 2);
    world.store.setManual('cpu', { target: 4, reason: 'a test', untilMs: NOW_MS + 60_000 });
    await world.ticks(world.scaler(), 9);
    expect([world.desired, world.platform.ids.length]).toEqual([4, 4]);
    await world.ticks(world.scaler(), 3);
    expect(world.desired).toBe(1);
  });
});

describe('the loop', () => {
  it('ticks every interval, every second while nothing is ready, faster at first, and at once when it is woken', async () => {
    const world = new World({ initial: 1 });
    world.queue = 1;
    const stop = new AbortController();
    const scaler = world.scaler();
    const running = scaler.run(stop.signal);
    await world.clock.advance(31_000);
    const second = (atMs: number) => (atMs - NOW_MS) / 1_000;
    const at = () =>
      world.events.flatMap((event) => (event.kind === 'decided' ? second(event.decision.decidedAtMs) : []));
    const kept = world.store.decisions(100).map(({ decidedAtMs }) => second(decidedAtMs));
    const quarters = Array.from({ length: 40 }, (_, i) => i / 4);
    expect(at()).toEqual([...quarters, ...Array.from({ length: 11 }, (_, i) => 10 + i), 25, 30]);
    // What says nothing new is kept once in an interval.
    expect(kept.reverse()).toEqual([0, 0.25, 5.25, 11, 16, 20, 25, 30]);
    scaler.wake();
    await world.clock.advance(0);
    expect(at().at(-1)).toBe(31);
    stop.abort();
    await running;
    expect(world.clock.pendingSleeps).toBe(0);
    expect(world.store.acquireLease('b', world.clock.nowMs(), 1).kind).toBe('held');
  });

  it('goes on after a tick that failed, and reports it', async () => {
    const world = new World({ initial: 1 });
    const { store } = world;
    const load = store.load.bind(store);
    const stop = new AbortController();
    store.load = () => {
      throw new Error('disk is full');
    };
    const running = world.scaler().run(stop.signal);
    await world.clock.advance(5_000);
    expect(world.events.filter(({ kind }) => kind === 'tick-failed')).toEqual([
      { kind: 'tick-failed', error: new Error('disk is full') },
      { kind: 'tick-failed', error: new Error('disk is full') },
    ]);
    store.load = load;
    await world.clock.advance(5_000);
    expect(world.platform.ids).toHaveLength(1);
    stop.abort();
    await running;
  });
});
