import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backendView } from './backend-view.test-support.ts';
import type { BalancingStrategy, StrategyName } from './balancing-strategy.ts';
import { strategyFor } from './strategy-for.ts';

const SEED = { seed: 20_260_102 };

const views = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 8 }).chain((ids) =>
  fc.tuple(
    ...ids.map((id) =>
      fc
        .record({
          inFlightBatches: fc.integer({ min: 0, max: 2 }),
          batchLimit: fc.integer({ min: 1, max: 64 }),
        })
        .map((given) => backendView({ ...given, id })),
    ),
  ),
);

/** What every strategy owes the planner. */
function strategyContract(make: () => BalancingStrategy): void {
  it('picks one of the available ones', () => {
    const strategy = make();
    fc.assert(
      fc.property(views, (available) => {
        expect(available).toContain(strategy.pick(available));
      }),
      SEED,
    );
  });

  it('picks the same as another of its kind that saw the same', () => {
    const [one, other] = [make(), make()];
    fc.assert(
      fc.property(views, (available) => {
        expect(one.pick(available)).toBe(other.pick(available));
      }),
      SEED,
    );
  });

  it('leaves the list as it is', () => {
    fc.assert(
      fc.property(views, (available) => {
        const before = structuredClone(available);
        make().pick(available);
        expect(available).toEqual(before);
      }),
      SEED,
    );
  });
}

const NAMES: readonly StrategyName[] = ['least-work', 'least-connections', 'round-robin', 'ip-hash'];

describe.each(NAMES)('%s', (name) => {
  strategyContract(() => strategyFor(name));

  it('says its name', () => {
    expect(strategyFor(name).name).toBe(name);
  });
});

describe('strategyFor', () => {
  it('returns a strategy by value as it is', () => {
    const own: BalancingStrategy = { name: 'last', pick: (available) => available.at(-1) as never };
    expect(strategyFor(own)).toBe(own);
  });

  it('gives each caller a round robin of its own', () => {
    const available = [backendView({ id: 'a' }), backendView({ id: 'b' })];
    strategyFor('round-robin').pick(available);
    expect(strategyFor('round-robin').pick(available).id).toBe('a');
  });
});

describe('picking', () => {
  const pick = (strategy: StrategyName, available: Parameters<BalancingStrategy['pick']>[0]) =>
    strategyFor(strategy).pick(available).id;

  it.each<[StrategyName, string, Parameters<typeof backendView>[0][], string]>([
    ['least-work', 'the first of equals', [{ id: 'a' }, { id: 'b' }], 'a'],
    ['least-work', 'the one with less to do', [{ id: 'a', inFlightBatches: 1 }, { id: 'b' }], 'b'],
    [
      'least-work',
      'a fast one with two batches before a slow one with one',
      [
        { id: 'slow', inFlightBatches: 1, freeMs: 500 },
        { id: 'fast', inFlightBatches: 2, freeMs: 40 },
      ],
      'fast',
    ],
    [
      'least-work',
      'an idle one with larger batches for the same time per chunk or less',
      [
        { id: 'small', batchLimit: 16, baseMs: 8, perChunkMs: 1.5 },
        { id: 'large', batchLimit: 64, baseMs: 8, perChunkMs: 1.5 },
      ],
      'large',
    ],
    ['least-connections', 'the first of equals', [{ id: 'a' }, { id: 'b' }], 'a'],
    [
      'least-connections',
      'the one with fewer batches, however long they are',
      [
        { id: 'a', inFlightBatches: 2, inFlightChunks: 2 },
        { id: 'b', inFlightBatches: 1, inFlightChunks: 64, freeMs: 9_000 },
      ],
      'b',
    ],
    [
      'least-connections',
      'among as many batches the one with fewer chunks',
      [
        { id: 'a', inFlightBatches: 1, inFlightChunks: 9 },
        { id: 'b', inFlightBatches: 1, inFlightChunks: 8 },
      ],
      'b',
    ],
  ])('%s takes %s', (name, _fact, given, expected) => {
    expect(pick(name, given.map(backendView))).toBe(expected);
  });

  it('goes round by id, whatever the order of the list, and passes over who has no room', () => {
    const strategy = strategyFor('round-robin');
    const [a, b, c] = ['a', 'b', 'c'].map((id) => backendView({ id })) as [never, never, never];
    const lists = [
      [c, a, b],
      [c, a, b],
      [a, b],
      [a, b, c],
      [b, c],
      [a, b, c],
    ];
    expect(lists.map((list) => (strategy.pick(list) as { id: string }).id)).toEqual([
      'a',
      'b',
      'a',
      'b',
      'c',
      'a',
    ]);
  });

  it('gives each of n backends every nth batch in turn', () => {
    const strategy = strategyFor('round-robin');
    const available = ['a', 'b', 'c'].map((id) => backendView({ id }));
    const counts = new Map<string, number>();
    for (let i = 0; i < 300; i += 1) {
      const { id } = strategy.pick(available);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({ a: 100, b: 100, c: 100 });
  });
});

describe("ip-hash's owner", () => {
  const owner = (affinity: string, ids: readonly string[]) => strategyFor('ip-hash').owner?.(affinity, ids);
  const callers = Array.from({ length: 2_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  const ids = ['a:8080/m', 'b:8080/m', 'c:8080/m', 'd:8080/m'];

  it('is one of those in service and the same in any order', () => {
    fc.assert(
      fc.property(fc.string(), fc.shuffledSubarray(ids, { minLength: 1 }), (affinity, some) => {
        const chosen = owner(affinity, some);
        expect(some).toContain(chosen);
        expect(owner(affinity, some.toReversed())).toBe(chosen);
      }),
      SEED,
    );
  });

  it('moves only the callers of a backend that goes', () => {
    const without = ids.slice(1);
    for (const caller of callers) {
      const before = owner(caller, ids);
      if (before !== ids[0]) expect(owner(caller, without)).toBe(before);
    }
  });

  it('moves callers only to a backend that comes', () => {
    const moved = callers.filter((caller) => owner(caller, ids) !== owner(caller, [...ids, 'e:8080/m']));
    for (const caller of moved) expect(owner(caller, [...ids, 'e:8080/m'])).toBe('e:8080/m');
    // A fifth of them is 400.
    expect(moved.length).toBeGreaterThan(320);
    expect(moved.length).toBeLessThan(480);
  });

  it('spreads callers evenly', () => {
    const counts = Map.groupBy(callers, (caller) => owner(caller, ids));
    for (const id of ids) {
      expect(counts.get(id)?.length).toBeGreaterThan(400);
      expect(counts.get(id)?.length).toBeLessThan(600);
    }
  });

  it.each(['least-work', 'least-connections', 'round-robin'] as const)('is none with %s', (name) => {
    expect(strategyFor(name).owner).toBeUndefined();
  });
});
