import { describe, expect, it } from 'vitest';
import type { Ec2Api } from '../aws/ec2-api.ts';
import type { Ec2HostOptions } from '../drivers/ec2/ec2-driver-options.ts';
import { HOST_OPTIONS } from '../drivers/ec2/ec2-rig.test-support.ts';
import { addressOf, FakeEc2 } from '../drivers/ec2/fake-ec2.test-support.ts';
import { Ec2Driver } from '../drivers/ec2-driver.ts';
import {
  KillableCalls,
  type KilledAt,
  type KillScenario,
  queue,
  rejected,
  thrown,
} from './killable-calls.test-support.ts';
import { NO_SIGNAL, World } from './world.test-support.ts';

// The real loop and the real driver over a fake EC2 whose lists lag. The first scaler is killed before or after each of its calls of store and
// EC2; the next one must come to the same end: no replica launched twice, no instance that nobody knows, none that is missing.

type Scenario = KillScenario<FakeEc2> & {
  readonly options?: Partial<Ec2HostOptions>;
};

const busy = (world: World) => {
  world.inFlight = Object.fromEntries(world.rows.map(({ id }) => [id, 5]));
};
const first = (ec2: FakeEc2) => ec2.living()[0]?.instanceId ?? '';

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  '0 to 3': { changes: { 0: queue(3) }, end: 3, launches: 3 },
  '3 to 1 with work in flight': {
    before: 3,
    changes: {
      0: (world) => {
        world.queue = 1;
        busy(world);
      },
      4: (world) => {
        world.inFlight = {};
      },
    },
    end: 1,
    launches: 3,
  },
  'one that drains is taken back before another is launched': {
    before: 2,
    changes: {
      0: (world) => {
        world.queue = 1;
        busy(world);
      },
      2: queue(3),
    },
    end: 3,
    launches: 3,
  },
  'spot without room: on-demand in the same order': {
    options: { purchase: 'spot-first' },
    changes: {
      0: (world, ec2) => {
        ec2.room.spot = 1;
        world.queue = 3;
      },
    },
    end: 3,
    launches: 3,
  },
  'a spot interruption: the notice, the replacement, the end': {
    options: { purchase: 'spot' },
    before: 2,
    changes: {
      0: (world, ec2) => {
        const atMs = world.clock.nowMs();
        const deadlineMs = atMs + 120_000;
        world.store.putReport({
          kind: 'leaving',
          about: first(ec2),
          because: 'spot interruption',
          atMs,
          deadlineMs,
        });
        busy(world);
      },
      5: (world) => {
        world.inFlight = {};
      },
    },
    end: 2,
    launches: 3,
  },
  'a host that ends before it was ever listed': {
    changes: { 0: queue(2), 2: (_, ec2) => ec2.end(first(ec2), 'Client.VolumeLimitExceeded') },
    end: 2,
    launches: 3,
  },
  'a host that somebody terminates': {
    before: 2,
    changes: { 1: (_, ec2) => ec2.end(first(ec2)) },
    end: 2,
    launches: 3,
  },
  'a host that nobody knows': {
    before: 1,
    changes: {
      1: (world, ec2) =>
        ec2.launchByHand({ 'forebay:pool': 'embedders', 'forebay:group': world.settings.name }),
    },
    end: 1,
    launches: 2,
  },
  'a host that does not start in time': {
    settings: { startup: { expectedSeconds: 20, timeoutSeconds: 40 } },
    changes: {
      0: (world, ec2) => {
        world.queue = 1;
        ec2.mute.add('i-00000000000000001');
      },
    },
    end: 1,
    launches: 2,
  },
};

/** Each call takes a run of its own. */
const LONG = { timeout: 120_000 };

const COUNTED_TICKS = 9;
/** More than a lease, a launch time-out, a start-up and a shutdown take. */
const TICKS_TO_REST = 40;

async function runScenario({ settings = {}, options = {}, before, changes }: Scenario, point?: KilledAt) {
  const world = new World({
    startup: { expectedSeconds: 20, timeoutSeconds: 300 },
    drainSeconds: 60,
    min: 0,
    initial: 0,
    ...settings,
  });
  const { clock } = world;
  const ec2 = new FakeEc2({ clock, lagMs: 6_000, pendingMs: 8_000, shutdownMs: 8_000 });
  const answers = (healthUrl: string) => {
    const host = ec2.living().find(({ instanceId }) => new URL(healthUrl).hostname === addressOf(instanceId));
    if (host === undefined || ec2.mute.has(host.instanceId)) return false;
    return clock.nowMs() - host.launchedAtMs >= 15_000;
  };
  const driverOver = (api: Ec2Api) =>
    new Ec2Driver({
      api,
      clock,
      options: { ...HOST_OPTIONS, ...options },
      ping: async (healthUrl) => answers(healthUrl),
      onEvent: () => undefined,
    });
  if (before !== undefined) {
    world.queue = before;
    await world.ticks(world.scaler({ driver: driverOver(ec2.api()) }), 14);
  }
  const calls = new KillableCalls(point);
  let scaler = world.scaler({
    store: calls.guard(world.store, thrown),
    driver: driverOver(calls.guard(ec2.api(), rejected)),
  });
  let peak = ec2.living().length;
  for (let tick = 0; tick < COUNTED_TICKS + TICKS_TO_REST; tick += 1) {
    changes[tick]?.(world, ec2);
    peak = Math.max(peak, ec2.living().length);
    if (tick === COUNTED_TICKS) calls.stopCounting();
    await scaler.tick(NO_SIGNAL).catch(() => undefined);
    peak = Math.max(peak, ec2.living().length);
    if (calls.killed) {
      scaler = world.scaler({ holder: 'b', driver: driverOver(ec2.api()) });
      calls.replaced();
    }
    await clock.advance(5_000);
  }
  const replicas = ec2.history.flatMap(({ tags }) => tags['forebay:replica'] ?? []);
  const living = ec2.living().map(({ tags }) => tags['forebay:replica'] ?? 'nobody');
  const ids = world.rows.map(({ id }) => id);
  return {
    calls: calls.names,
    end: {
      desired: world.desired,
      living: living.length,
      rows: world.rows.map(({ state }) => state.kind).toSorted(),
    },
    orphans: living.filter((id) => !ids.includes(id)),
    missing: ids.filter((id) => !living.includes(id)),
    twice: replicas.filter((id, i) => replicas.indexOf(id) !== i),
    launches: ec2.history.length,
    peak,
  };
}

describe.each(Object.entries(SCENARIOS))('killed in the EC2 scenario "%s"', (_, scenario) => {
  const undisturbed = runScenario(scenario);
  const clean = { orphans: [], missing: [], twice: [] };

  it('nowhere: it comes to rest', async () => {
    const { end, orphans, missing, twice, launches, calls } = await undisturbed;
    const rows = Array.from({ length: scenario.end }, () => 'ready');
    expect({ end, orphans, missing, twice, launches }).toEqual({
      end: { desired: scenario.end, living: scenario.end, rows },
      ...clean,
      launches: scenario.launches,
    });
    expect(calls).toEqual(expect.arrayContaining(['describePage', 'commit', 'acquireLease']));
  });

  it.each(['before', 'after'] as const)(
    '%s each call: the next scaler comes to the same',
    LONG,
    async (effect) => {
      const reference = await undisturbed;
      for (let call = 1; call <= reference.calls.length; call += 1) {
        const at = `${effect} call ${call}, ${reference.calls[call - 1]}`;
        const { end, orphans, missing, twice, peak } = await runScenario(scenario, { call, effect });
        expect({ at, end, orphans, missing, twice }).toEqual({ at, end: reference.end, ...clean });
        expect({ at, peak }).toEqual({ at, peak: Math.min(peak, reference.peak) });
      }
    },
  );
});
