import { describe, expect, it } from 'vitest';
import { runScenario, type Scenario } from './kill-points.test-support.ts';
import { ABILITIES } from './loop-platform.test-support.ts';
import type { World } from './world.test-support.ts';

const queue = (messages: number) => (world: World) => {
  world.queue = messages;
};
const busy = (chunks: number) => (world: World) => {
  world.inFlight = Object.fromEntries(world.platform.ids.map((id) => [id, chunks]));
};
const all =
  (...changes: readonly ((world: World) => void)[]) =>
  (world: World) => {
    for (const change of changes) change(world);
  };

const scenarios: Readonly<Record<string, Scenario>> = {
  '0 to 3': { settings: {}, changes: { 0: queue(3) }, ticks: 7, launches: 3, peak: 3 },
  '0 to 3 on a list that is late': {
    settings: {},
    changes: {
      0: (world) => {
        world.queue = 3;
        world.platform.listLagSeconds = 23;
      },
    },
    ticks: 9,
    launches: 3,
    peak: 3,
  },
  'a new group of 2': { settings: { initial: 2 }, changes: { 0: queue(2) }, ticks: 6, launches: 2, peak: 2 },
  '3 to 1 with work in flight': {
    settings: {},
    queueBefore: 3,
    changes: { 0: all(queue(1), busy(5)), 4: busy(0) },
    ticks: 8,
    launches: 3,
    peak: 3,
  },
  '3 to 0 whose time to drain is up': {
    settings: { drainSeconds: 15 },
    queueBefore: 3,
    changes: { 0: all(queue(0), busy(5)) },
    ticks: 7,
    launches: 3,
    peak: 3,
  },
  'one that does not start': {
    settings: {},
    changes: {
      0: (world) => {
        world.queue = 2;
        world.platform.startupSeconds = undefined;
      },
      7: (world) => {
        world.platform.startupSeconds = 20;
      },
    },
    ticks: 14,
    launches: 4,
    peak: 2,
  },
  'one that fails': {
    settings: {},
    queueBefore: 2,
    changes: { 1: (world) => world.platform.fail(world.platform.ids[0] ?? '') },
    ticks: 7,
    launches: 3,
    peak: 2,
  },
  'one that dies': {
    settings: {},
    queueBefore: 2,
    changes: { 1: (world) => world.platform.kill(world.platform.ids[0] ?? '') },
    ticks: 7,
    launches: 3,
    peak: 2,
  },
  'one that is recalled with work in flight': {
    settings: {},
    queueBefore: 2,
    changes: {
      0: (world) => {
        world.platform.recall(world.platform.ids[0] ?? '', 120);
        busy(5)(world);
      },
      8: busy(0),
    },
    ticks: 10,
    launches: 3,
    peak: 3,
  },
  'one that is unhealthy and then empty': {
    settings: {},
    queueBefore: 2,
    changes: {
      0: (world) => {
        world.platform.sicken(world.platform.ids[0] ?? '');
        busy(5)(world);
      },
      8: busy(0),
    },
    ticks: 10,
    launches: 3,
    peak: 3,
  },
  'two that drain are taken back, and one is launched': {
    settings: {},
    queueBefore: 3,
    changes: { 0: all(queue(1), busy(5)), 2: queue(4), 5: busy(0) },
    ticks: 8,
    launches: 4,
    peak: 4,
  },
  'in and out at once while one starts': {
    settings: {},
    queueBefore: 1,
    changes: { 0: queue(4), 2: queue(1), 3: queue(3) },
    ticks: 8,
    launches: 6,
    peak: 4,
  },
};

const undisturbed = Object.fromEntries(
  await Promise.all(
    Object.entries(ABILITIES).flatMap(([ability, abilities]) =>
      Object.entries(scenarios).map(
        async ([name, scenario]) => [`${ability} ${name}`, await runScenario(scenario, abilities)] as const,
      ),
    ),
  ),
);

/** Every call of one name, by its number in the undisturbed run. */
function callsByName(calls: readonly string[]): readonly (readonly [string, readonly number[]])[] {
  return [...new Set(calls)].map((name) => [
    name,
    calls.flatMap((each, i) => (each === name ? [i + 1] : [])),
  ]);
}

describe.each(Object.entries(ABILITIES))('a platform that %s', (ability, abilities) => {
  describe.each(Object.entries(scenarios))('%s', (name, scenario) => {
    const reference = undisturbed[`${ability} ${name}`]!; // Every pair was run.
    const points = callsByName(reference.calls).flatMap(([call, numbers]) =>
      (['before', 'halfway', 'after'] as const)
        .filter((effect) => effect !== 'halfway' || call === 'scale')
        .map((effect) => [effect, numbers.length, call, numbers] as const),
    );

    it('comes to rest undisturbed', () => {
      const { launched, peak, orphans, missing } = reference;
      // What can't be chosen can't drain: two that were to leave are gone and launched anew.
      const more = ability === 'counts' && name.startsWith('two that drain') ? 2 : 0;
      // Nor is what leaves or is unhealthy replaced before it is gone.
      const before = ability === 'counts' && /recalled|unhealthy/.test(name) ? 1 : 0;
      expect({ orphans, missing, peak, launches: new Set(launched).size }).toEqual({
        orphans: [],
        missing: [],
        peak: scenario.peak - before,
        launches: scenario.launches + more,
      });
      expect(launched).toHaveLength(scenario.launches + more);
    });

    it.each(points)(
      'comes to the same when it is killed %s each of %d calls of %s',
      async (effect, _, _call, numbers) => {
        for (const call of numbers) {
          const { launched, peak, orphans, missing, end } = await runScenario(scenario, abilities, {
            call,
            effect,
          });
          const at = `call ${call}`;
          expect({ at, end, orphans, missing }).toEqual({ at, end: reference.end, orphans: [], missing: [] });
          expect({ at, twice: launched.filter((id, i) => launched.indexOf(id) !== i) }).toEqual({
            at,
            twice: [],
          });
          expect({ at, peak }).toEqual({ at, peak: Math.min(peak, reference.peak) });
        }
      },
    );
  });
});
