import { describe, expect, it } from 'vitest';
import { NOW_MS } from '../decide/decision.test-support.ts';
import type { StoredReplica } from '../store/store.ts';
import { ABILITIES } from './loop-platform.test-support.ts';
import { NO_SIGNAL, World } from './world.test-support.ts';

const kinds = (rows: readonly StoredReplica[]) => rows.map(({ state }) => state.kind).join(' ');
const ofKind = <K extends string>(world: World, kind: K) => world.events.filter((each) => each.kind === kind);

describe.each(Object.entries(ABILITIES))('a group on a platform that %s', (_, abilities) => {
  const group = async (settings: ConstructorParameters<typeof World>[0], queue: number) => {
    const world = new World(settings);
    world.abilities = abilities;
    world.queue = queue;
    const scaler = world.scaler();
    return { world, scaler };
  };

  it('starts with its initial count', async () => {
    const { world, scaler } = await group({ initial: 2 }, 5);
    await world.ticks(scaler, 1);
    expect([world.platform.ids.length, world.desired]).toEqual([2, 2]);
  });

  it('goes out, and learns what a start-up takes', async () => {
    const { world, scaler } = await group({ initial: 1 }, 3);
    await world.ticks(scaler, 8);
    expect([world.platform.ids.length, world.desired, kinds(world.rows)]).toEqual([
      3,
      3,
      'ready ready ready',
    ]);
    expect(world.store.startups('cpu', 9).map(({ seconds }) => seconds)).toEqual([20, 20, 20]);
    expect(world.platform.launched).toHaveLength(3);
    expect(ofKind(world, 'lost')).toEqual([]);
  });

  it('goes in, and loses none on the way', async () => {
    const { world, scaler } = await group({ initial: 3 }, 3);
    await world.ticks(scaler, 6);
    world.queue = 1;
    await world.ticks(scaler, 4);
    expect([world.platform.ids.length, world.desired, kinds(world.rows)]).toEqual([1, 1, 'ready']);
    expect(ofKind(world, 'lost')).toEqual([]);
  });

  it('replaces one that dies', async () => {
    const { world, scaler } = await group({ initial: 2 }, 2);
    await world.ticks(scaler, 6);
    const [dead = ''] = world.platform.ids;
    world.platform.kill(dead);
    await world.ticks(scaler, 6);
    expect([world.platform.ids.length, kinds(world.rows)]).toEqual([2, 'ready ready']);
    expect(world.platform.ids).not.toContain(dead);
    expect(ofKind(world, 'lost')).toEqual([{ kind: 'lost', group: 'cpu', ids: [dead] }]);
  });

  it('replaces one that failed and says so', async () => {
    const { world, scaler } = await group({ initial: 2 }, 2);
    await world.ticks(scaler, 6);
    const [broken = ''] = world.platform.ids;
    world.platform.fail(broken);
    await world.ticks(scaler, 6);
    expect([world.platform.ids.length, kinds(world.rows)]).toEqual([2, 'ready ready']);
    expect(ofKind(world, 'ended')).toEqual([
      { kind: 'ended', group: 'cpu', id: broken, cause: 'failed', because: 'it failed' },
    ]);
  });

  it('takes over what an earlier run left', async () => {
    const { world, scaler } = await group({ initial: 1 }, 3);
    world.platform.exists('x');
    world.platform.exists('y');
    await world.ticks(scaler, 2);
    expect(world.platform.ids.slice(0, 2)).toEqual(['x', 'y']);
    expect([world.platform.ids.length, world.desired]).toEqual([3, 3]);
    expect(ofKind(world, 'adopted')[0]).toEqual({ kind: 'adopted', group: 'cpu', ids: ['x', 'y'] });
  });

  it('changes nothing while the platform does not answer, and goes on after', async () => {
    const { world, scaler } = await group({ initial: 2 }, 2);
    await world.ticks(scaler, 6);
    const before = { ids: world.platform.ids, rows: world.rows, desired: world.desired };
    world.platform.refused = new Set(['list']);
    world.queue = 7;
    const orders = world.platform.orders.length;
    await world.ticks(scaler, 4);
    expect({ ids: world.platform.ids, rows: world.rows, desired: world.desired }).toEqual(before);
    expect(world.platform.orders).toHaveLength(orders);
    expect(world.store.decisions(1)[0]?.reason).toBe('No change at 2, 7 wanted: driver, list is refused');
    world.platform.refused = new Set();
    await world.ticks(scaler, 1);
    expect(world.platform.ids).toHaveLength(7);
  });

  it('ends none of an earlier run because the platform did not answer at first', async () => {
    const { world, scaler } = await group({ initial: 1, min: 1 }, 3);
    for (const id of ['x', 'y', 'z']) world.platform.exists(id);
    world.platform.refused = new Set(['list']);
    await world.ticks(scaler, 2);
    expect(world.desired).toBe(undefined);
    world.platform.refused = new Set();
    await world.ticks(scaler, 3);
    expect([world.platform.ids, world.desired]).toEqual([['x', 'y', 'z'], 3]);
  });

  it('repeats the same order after it failed, at longer and longer intervals', async () => {
    const { world, scaler } = await group({ initial: 2 }, 2);
    world.platform.refused = new Set(['scale']);
    await world.ticks(scaler, 16);
    const [first, ...others] = world.platform.orders;
    expect(world.platform.orders.map(({ atMs }) => (atMs - NOW_MS) / 1_000)).toEqual([0, 5, 10, 20, 40]);
    expect(others.every(({ order }) => JSON.stringify(order) === JSON.stringify(first?.order))).toBe(true);
    world.platform.refused = new Set();
    await world.ticks(scaler, 5);
    expect(world.platform.ids).toHaveLength(2);
    expect(world.platform.launched).toHaveLength(2);
    world.queue = 4;
    world.platform.refused = new Set(['scale']);
    const before = world.platform.orders.length;
    await world.ticks(scaler, 3);
    expect(world.platform.orders).toHaveLength(before + 3);
  });
});

describe('a group', () => {
  it('drains before it ends, the least loaded first, and waits for it to be empty', async () => {
    const world = new World({ initial: 3 });
    world.queue = 3;
    const scaler = world.scaler();
    await world.ticks(scaler, 6);
    const [a = '', b = '', c = ''] = world.platform.ids;
    world.inFlight = { [a]: 8, [b]: 2, [c]: 5 };
    world.queue = 1;
    await world.ticks(scaler, 3);
    expect(kinds(world.rows)).toBe('ready draining draining');
    expect(world.platform.ids).toEqual([a, b, c]);
    world.inFlight = { [a]: 8, [b]: 0, [c]: 5 };
    await world.ticks(scaler, 2);
    expect(world.platform.ids).toEqual([a, c]);
    world.inFlight = {};
    await world.ticks(scaler, 2);
    expect([world.platform.ids, kinds(world.rows)]).toEqual([[a], 'ready']);
  });

  it('ends a busy one when its time to drain is up', async () => {
    const world = new World({ initial: 1, drainSeconds: 30 });
    world.queue = 1;
    const scaler = world.scaler();
    await world.ticks(scaler, 6);
    const [a = ''] = world.platform.ids;
    world.inFlight = { [a]: 8 };
    world.queue = 0;
    await world.ticks(scaler, 6);
    expect(world.platform.ids).toEqual([a]);
    await world.ticks(scaler, 1);
    expect(world.platform.ids).toEqual([]);
  });

  it('takes back what drains when it is wanted again', async () => {
    const world = new World({ initial: 2 });
    world.queue = 2;
    const scaler = world.scaler();
    await world.ticks(scaler, 6);
    const before = world.platform.ids;
    world.inFlight = Object.fromEntries(before.map((id) => [id, 5]));
    world.queue = 0;
    await world.ticks(scaler, 2);
    expect(kinds(world.rows)).toBe('draining draining');
    world.queue = 2;
    await world.ticks(scaler, 2);
    expect([kinds(world.rows), world.platform.ids]).toEqual(['ready ready', before]);
  });

  it('replaces one that does not start in time', async () => {
    const world = new World({ initial: 1, startup: { expectedSeconds: 20, timeoutSeconds: 40 } });
    world.queue = 1;
    world.platform.startupSeconds = undefined;
    const scaler = world.scaler();
    await world.ticks(scaler, 9);
    const [late = ''] = world.platform.ids;
    world.platform.startupSeconds = 20;
    await world.ticks(scaler, 1);
    expect(ofKind(world, 'ended')).toEqual([
      {
        kind: 'ended',
        group: 'cpu',
        id: late,
        cause: 'launch_timeout',
        because: 'it did not start within 40 s',
      },
    ]);
    await world.ticks(scaler, 5);
    expect([world.platform.ids.length, kinds(world.rows)]).toEqual([1, 'ready']);
  });

  it('waits longer and longer between launches that fail', async () => {
    const world = new World({ initial: 1 });
    world.queue = 1;
    world.platform.launchesFail = true;
    await world.ticks(world.scaler(), 100);
    const at = world.platform.orders
      .filter(({ order }) => order.launch.length > 0)
      .map(({ atMs }) => (atMs - NOW_MS) / 1_000);
    const gaps = at.slice(1).map((each, i) => each - (at[i] ?? 0));
    // Each failure is found one tick after its launch.
    expect(gaps).toEqual([5, 10, 15, 25, 45, 85, 165]);
  });

  it.each([
    ['counts', ABILITIES.counts],
    ['chooses', ABILITIES.chooses],
  ])(
    'has those that fail replaced at longer and longer intervals where the platform %s',
    async (_, abilities) => {
      const world = new World({ initial: 1 });
      world.abilities = abilities;
      world.queue = 1;
      world.platform.launchesFail = true;
      const scaler = world.scaler();
      await world.ticks(scaler, 100);
      const at = world.platform.orders.map(({ atMs }) => (atMs - NOW_MS) / 1_000);
      const gaps = at.slice(1).map((each, i) => each - (at[i] ?? 0));
      expect(gaps).toEqual([5, 10, 15, 25, 45, 85, 165]);
      // One too many is no launch.
      world.platform.launchesFail = false;
      world.queue = 0;
      await world.ticks(scaler, 4);
      expect(world.platform.ids).toEqual([]);
    },
  );

  it('waits longer and longer between launches that never answer, and says why', async () => {
    const world = new World({ initial: 1, startup: { expectedSeconds: 20, timeoutSeconds: 30 } });
    world.queue = 1;
    world.platform.startupSeconds = undefined;
    const scaler = world.scaler();
    await world.ticks(scaler, 100);
    const at = world.platform.orders
      .filter(({ order }) => order.launch.length > 0)
      .map(({ atMs }) => (atMs - NOW_MS) / 1_000);
    const gaps = at.slice(1).map((each, i) => each - (at[i] ?? 0));
    // Each is given up at the first tick after its 30 s.
    expect(gaps).toEqual([35, 40, 45, 55, 75, 115]);
    const because = '6 start-ups in a row failed, the last one: it did not start within 30 s';
    expect(world.store.decisions(100).flatMap(({ limits }) => limits.map((each) => each.because))).toContain(
      because,
    );
    world.platform.startupSeconds = 20;
    await world.ticks(scaler, 70);
    expect(kinds(world.rows)).toBe('ready');
  });

  it('replaces one that does not start where no gateway can say whether it has work', async () => {
    const world = new World({
      initial: 1,
      startup: { expectedSeconds: 20, timeoutSeconds: 40 },
      drainSeconds: 30,
    });
    world.queue = 1;
    world.platform.startupSeconds = undefined;
    const source = world.source();
    const signals: typeof source = {
      read: async (...of) => ({
        ...(await source.read(...of)),
        inFlight: () => undefined,
        isEmpty: () => false,
      }),
    };
    const scaler = world.scaler({ signals });
    await world.ticks(scaler, 9);
    const [late = ''] = world.platform.ids;
    world.platform.startupSeconds = 20;
    await world.ticks(scaler, 12);
    expect(kinds(world.rows)).toBe('ready');
    expect(world.platform.ids).not.toContain(late);
  });

  it('launches at once again after one start-up went well', async () => {
    const world = new World({ initial: 1 });
    world.queue = 1;
    world.platform.launchesFail = true;
    const scaler = world.scaler();
    await world.ticks(scaler, 12);
    world.platform.launchesFail = false;
    await world.ticks(scaler, 20);
    expect(kinds(world.rows)).toBe('ready');
    const [id = ''] = world.platform.ids;
    world.platform.fail(id);
    world.platform.launchesFail = true;
    const before = world.platform.launched.length;
    await world.ticks(scaler, 2);
    expect(world.platform.launched).toHaveLength(before + 2);
  });

  it('writes an intent before it calls the platform', async () => {
    const world = new World({ initial: 2 });
    const driver = world.platform.driver();
    const intents: (readonly string[])[] = [];
    const spying = {
      ...driver,
      scale: (...call: Parameters<typeof driver.scale>) => {
        intents.push(world.rows.map(({ id }) => id));
        return driver.scale(...call);
      },
    };
    await world.ticks(world.scaler({ driver: spying }), 1);
    expect(intents).toEqual([world.platform.ids]);
  });
});

it('does not learn a start-up from a list that could not be read for a while', async () => {
  const world = new World({ initial: 1 });
  world.queue = 1;
  const scaler = world.scaler();
  await world.ticks(scaler, 2);
  world.platform.refused = new Set(['list']);
  await world.ticks(scaler, 60);
  world.platform.refused = new Set();
  await world.ticks(scaler, 1);
  expect([kinds(world.rows), world.store.startups('cpu', 9)]).toEqual(['ready', []]);
});

it('says that a replica failed also when reading the list takes time', async () => {
  const world = new World({ initial: 1 });
  world.queue = 1;
  const driver = world.platform.driver();
  const slow = {
    ...driver,
    list: async (...call: Parameters<typeof driver.list>) => {
      const list = await driver.list(...call);
      await world.clock.sleep(100);
      return list;
    },
  };
  const scaler = world.scaler({ driver: slow });
  const tick = () => Promise.all([scaler.tick(NO_SIGNAL), world.clock.advance(5_000)]);
  for (let i = 0; i < 6; i += 1) await tick();
  const [id = ''] = world.platform.ids;
  world.platform.fail(id);
  await tick();
  expect(ofKind(world, 'ended')).toEqual([
    { kind: 'ended', group: 'cpu', id, cause: 'failed', because: 'it failed' },
  ]);
});

it('ticks on after its groups could not be read', async () => {
  const world = new World({ initial: 1 });
  world.queue = 1;
  const driver = world.platform.driver();
  let broken = true;
  const groups = () => {
    if (broken) throw new Error('the store is busy');
    return [{ settings: world.settings, driver }];
  };
  const stop = new AbortController();
  const running = world.scaler({ groups }).run(stop.signal);
  await world.clock.advance(6_000);
  broken = false;
  await world.clock.advance(60_000);
  expect(world.platform.ids).toHaveLength(1);
  broken = true;
  await world.clock.advance(60_000);
  broken = false;
  const before = world.events.length;
  await world.clock.advance(60_000);
  expect(world.events.slice(before).some(({ kind }) => kind === 'decided')).toBe(true);
  stop.abort();
  await running;
});

it('asks a platform whose calls are counted no more often however often it is woken', async () => {
  const world = new World({ initial: 1 });
  let lists = 0;
  const fake = world.platform.driver();
  const driver = {
    ...fake,
    leastTickSeconds: 5,
    list: (...of: Parameters<typeof fake.list>) => {
      lists += 1;
      return fake.list(...of);
    },
  };
  let reads = 0;
  const source = world.source();
  const signals = {
    read: (...of: Parameters<typeof source.read>) => {
      reads += 1;
      return source.read(...of);
    },
  };
  const stop = new AbortController();
  const scaler = world.scaler({ driver, signals });
  const running = scaler.run(stop.signal);
  await world.clock.advance(100);
  for (let i = 0; i < 200; i += 1) {
    scaler.wake();
    await world.clock.advance(100);
  }
  // The first, one at once, and one in five seconds.
  expect(lists).toBeLessThanOrEqual(2 + 4);
  expect(reads).toBeLessThanOrEqual(2 + 4);
  stop.abort();
  await running;
});
