import { describe, expect, it } from 'vitest';
import { EngineApi } from '../drivers/swarm/engine-api.ts';
import { FakeEngine } from '../drivers/swarm/fake-engine.test-support.ts';
import { SwarmDriver } from '../drivers/swarm-driver.ts';
import {
  KillableCalls,
  type KilledAt,
  type KillScenario,
  queue,
  rejected,
  thrown,
} from './killable-calls.test-support.ts';
import { NO_SIGNAL, World } from './world.test-support.ts';

// The real loop and the real driver over a fake Engine. The first scaler is killed before or after each of its calls of store and Engine; the
// next one must come to the same end, and no task may be launched that an undisturbed run would not have launched.

type Scenario = KillScenario<FakeEngine>;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  '0 to 3': { changes: { 0: queue(3) }, end: 3, launches: 3 },
  '3 to 1': { before: 3, changes: { 0: queue(1) }, end: 1, launches: 3 },
  '2 to 5 while somebody updates the service': {
    before: 2,
    changes: {
      0: (world, engine) => {
        world.queue = 5;
        let changes = 0;
        engine.onRequest = (request) => {
          if (request.startsWith('POST') && changes < 2) engine.change('djl', { Labels: { n: ++changes } });
        };
      },
    },
    end: 5,
    launches: 5,
  },
  '1 to 4 with room for two, and later for all': {
    before: 1,
    changes: {
      0: (world, engine) => {
        world.queue = 4;
        engine.room = 2;
      },
      5: (_, engine) => {
        engine.room = Number.POSITIVE_INFINITY;
      },
    },
    end: 4,
    launches: 4,
  },
  'a task that dies': {
    before: 2,
    changes: { 1: (_, engine) => engine.fail(engine.alive[0]?.id ?? '', 'killed') },
    end: 2,
    launches: 3,
  },
  'a count that somebody sets by hand': {
    before: 2,
    changes: { 1: (_, engine) => engine.change('djl', { Mode: { Replicated: { Replicas: 4 } } }) },
    end: 2,
    launches: 4,
  },
  'a task that does not start': {
    settings: { startup: { expectedSeconds: 5, timeoutSeconds: 12 } },
    changes: {
      0: (world, engine) => {
        world.queue = 1;
        engine.neverRunning = new Set(['t1']);
      },
    },
    end: 1,
    launches: 2,
  },
};

/** Each call takes a run of its own. */
const LONG = { timeout: 120_000 };

const COUNTED_TICKS = 6;
/** More than a lease and a start-up take. */
const TICKS_TO_REST = 16;

async function runScenario({ settings = {}, before, changes }: Scenario, point?: KilledAt) {
  const world = new World({
    startup: { expectedSeconds: 5, timeoutSeconds: 60 },
    min: 0,
    initial: 0,
    ...settings,
  });
  const engine = new FakeEngine(world.clock);
  engine.startupMs = 5_000;
  engine.create('djl', 0);
  const driverOver = (api: EngineApi) =>
    new SwarmDriver({
      engine: api,
      engines: {},
      serviceOf: () => 'djl',
      url: { port: 8080, path: '/p' },
      clock: world.clock,
    });
  if (before !== undefined) {
    world.queue = before;
    await world.ticks(world.scaler({ driver: driverOver(new EngineApi(engine.http())) }), 6);
  }
  const calls = new KillableCalls(point);
  let scaler = world.scaler({
    store: calls.guard(world.store, thrown),
    driver: driverOver(calls.guard(new EngineApi(engine.http()), rejected)),
  });
  let peak = engine.alive.length;
  for (let tick = 0; tick < COUNTED_TICKS + TICKS_TO_REST; tick += 1) {
    changes[tick]?.(world, engine);
    peak = Math.max(peak, engine.alive.length);
    if (tick === COUNTED_TICKS) calls.stopCounting();
    await scaler.tick(NO_SIGNAL).catch(() => undefined);
    peak = Math.max(peak, engine.alive.length);
    if (calls.killed) {
      scaler = world.scaler({ holder: 'b', driver: driverOver(new EngineApi(engine.http())) });
      calls.replaced();
    }
    await world.clock.advance(5_000);
  }
  const alive = engine.alive.map(({ slot, id }) => `djl.${slot}.${id}`).toSorted();
  return {
    calls: calls.names,
    end: {
      desired: world.desired,
      alive: alive.length,
      rows: world.rows.map(({ state }) => state.kind).toSorted(),
    },
    strangers: alive.filter((id) => world.rows.every((row) => row.id !== id)),
    launches: engine.history.length,
    peak,
  };
}

describe.each(Object.entries(SCENARIOS))('killed in the Swarm scenario "%s"', (_, scenario) => {
  const undisturbed = runScenario(scenario);

  it('nowhere: it comes to rest', async () => {
    const { end, strangers, launches, calls } = await undisturbed;
    expect({ end, strangers, launches }).toEqual({
      end: {
        desired: scenario.end,
        alive: scenario.end,
        rows: Array.from({ length: scenario.end }, () => 'ready'),
      },
      strangers: [],
      launches: scenario.launches,
    });
    expect(calls).toEqual(expect.arrayContaining(['service', 'tasks', 'nodes', 'commit', 'acquireLease']));
  });

  it.each(['before', 'after'] as const)(
    '%s each call: the next scaler comes to the same',
    LONG,
    async (effect) => {
      const reference = await undisturbed;
      for (let call = 1; call <= reference.calls.length; call += 1) {
        const at = `${effect} call ${call}, ${reference.calls[call - 1]}`;
        const { end, strangers, launches, peak } = await runScenario(scenario, { call, effect });
        expect({ at, end, strangers, launches }).toEqual({
          at,
          end: reference.end,
          strangers: [],
          launches: reference.launches,
        });
        expect({ at, peak }).toEqual({ at, peak: Math.min(peak, reference.peak) });
      }
    },
  );
});
