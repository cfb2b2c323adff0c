import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterSpot,
  type BoughtHost,
  purchasesFor,
  type SpotAnswer,
  type SpotMarket,
  type SpotRules,
  whoLeaves,
} from './purchase.ts';

const rules: SpotRules = { retryMs: 300_000, trialMs: 1_800_000 };
const shut = (change: Partial<Extract<SpotMarket, { kind: 'shut' }>> = {}): SpotMarket => ({
  kind: 'shut',
  sinceMs: 1_000,
  refusals: 1,
  tryAgainAtMs: 301_000,
  ...change,
});
const open: SpotMarket = { kind: 'open' };
const answer = (kind: SpotAnswer['kind'], askedAtMs: number, atMs = askedAtMs): SpotAnswer => ({
  kind,
  askedAtMs,
  atMs,
});

describe('what is known of spot', () => {
  it.each<{ name: string; market: SpotMarket; says: SpotAnswer; after: SpotMarket }>([
    { name: 'stays open when accepted', market: open, says: answer('accepted', 5), after: open },
    {
      name: 'is shut for the pause when refused',
      market: open,
      says: answer('refused', 500, 1_000),
      after: shut(),
    },
    {
      name: 'opens when a later question is accepted',
      market: shut(),
      says: answer('accepted', 1_001),
      after: open,
    },
    {
      name: 'stays shut when an earlier one is',
      market: shut(),
      says: answer('accepted', 900, 1_100),
      after: shut(),
    },
    {
      name: 'counts one refusal of those asked side by side',
      market: shut(),
      says: answer('refused', 900, 1_100),
      after: shut(),
    },
    {
      name: 'counts none that was asked before its time',
      market: shut(),
      says: answer('refused', 2_000),
      after: shut(),
    },
    {
      name: 'waits twice as long after the next',
      market: shut(),
      says: answer('refused', 301_000),
      after: shut({ sinceMs: 301_000, refusals: 2, tryAgainAtMs: 901_000 }),
    },
    {
      name: 'waits half an hour at most',
      market: shut({ refusals: 30 }),
      says: answer('refused', 301_000),
      after: shut({ sinceMs: 301_000, refusals: 31, tryAgainAtMs: 2_101_000 }),
    },
    {
      name: 'begins anew when the clock was set back',
      market: shut({ sinceMs: 1_000_000, tryAgainAtMs: 1_300_000 }),
      says: answer('refused', 1_000),
      after: shut({ refusals: 2, tryAgainAtMs: 601_000 }),
    },
  ])('$name', ({ market, says, after }) => {
    expect(afterSpot(market, says, rules)).toEqual(after);
  });

  it('never shuts for longer than half an hour or the pause itself, and never opens by a refusal', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            kind: fc.constantFrom<SpotAnswer['kind']>('accepted', 'refused'),
            waitMs: fc.nat(4_000_000),
            tookMs: fc.nat(10_000),
          }),
          { maxLength: 60 },
        ),
        fc.integer({ min: 10_000, max: 3_000_000 }),
        (answers, retryMs) => {
          let market: SpotMarket = open;
          let nowMs = 0;
          for (const { kind, waitMs, tookMs } of answers) {
            nowMs += waitMs;
            const before: SpotMarket = market;
            market = afterSpot(before, answer(kind, nowMs, nowMs + tookMs), { retryMs, trialMs: 1 });
            nowMs += tookMs;
            if (kind === 'refused') expect(market.kind).toBe('shut');
            if (market.kind === 'shut') {
              const pauseMs = market.tryAgainAtMs - market.sinceMs;
              expect(pauseMs).toBeGreaterThanOrEqual(retryMs);
              expect(pauseMs).toBeLessThanOrEqual(Math.max(1_800_000, retryMs));
            }
          }
        },
      ),
    );
  });
});

it.each([
  ['on-demand', open, 0, false, ['on-demand']],
  ['spot', shut(), 2_000, false, ['spot']],
  ['spot-first', open, 0, false, ['spot', 'on-demand-fallback']],
  ['spot-first', shut(), 2_000, false, ['on-demand-fallback']],
  ['spot-first', shut(), 301_000, false, ['spot', 'on-demand-fallback']],
  ['spot-first', shut(), 500, false, ['spot', 'on-demand-fallback']],
  ['spot-first', shut(), 2_000, true, ['spot', 'on-demand-fallback']],
] as const)(
  'buys %s, with a market of %o at %i, perhaps spot already: %s, as %o',
  (choice, market, nowMs, mayBeSpot, bought) => {
    expect(purchasesFor(choice, market, nowMs, mayBeSpot)).toEqual(bought);
  },
);

describe('who leaves for spot', () => {
  const host = (instanceId: string, change: Partial<BoughtHost> = {}): BoughtHost => ({
    instanceId,
    purchase: 'on-demand-fallback',
    launchedAtMs: 100_000,
    running: true,
    ...change,
  });
  const spotLater = host('s', { purchase: 'spot', launchedAtMs: 200_000 });
  const again = 'spot has capacity again';
  const trial = 'it is time to try spot again';

  it.each<{
    name: string;
    hosts: readonly BoughtHost[];
    market?: SpotMarket;
    nowMs: number;
    leaves: string | undefined;
    because?: string;
  }>([
    {
      name: 'nobody without fallbacks',
      hosts: [spotLater, host('o', { purchase: 'on-demand' })],
      nowMs: 9e6,
      leaves: undefined,
    },
    {
      name: 'a fallback once a spot host is younger',
      hosts: [host('a'), spotLater],
      nowMs: 200_000,
      leaves: 'a',
      because: again,
    },
    {
      name: 'none while spot hosts are older',
      hosts: [host('a'), host('s', { purchase: 'spot', launchedAtMs: 100_000 })],
      nowMs: 200_000,
      leaves: undefined,
    },
    {
      name: 'none while the market is shut',
      hosts: [host('a'), spotLater],
      market: shut({ sinceMs: 210_000, tryAgainAtMs: 510_000 }),
      nowMs: 220_000,
      leaves: undefined,
    },
    {
      name: 'the oldest first, and only that',
      hosts: [host('b', { launchedAtMs: 100_001 }), host('c'), host('a'), spotLater],
      nowMs: 200_000,
      leaves: 'a',
      because: again,
    },
    {
      name: 'none that doesn’t run yet',
      hosts: [host('a', { running: false }), spotLater],
      nowMs: 200_000,
      leaves: undefined,
    },
    { name: 'one for a trial', hosts: [host('a'), host('b')], nowMs: 1_900_000, leaves: 'a', because: trial },
    { name: 'none before the trial', hosts: [host('a'), host('b')], nowMs: 1_899_999, leaves: undefined },
    {
      name: 'none after a trial that brought a fallback',
      hosts: [host('a'), host('b', { launchedAtMs: 1_900_500 })],
      nowMs: 1_901_000,
      leaves: undefined,
    },
    {
      name: 'none for a trial while spot isn’t asked',
      hosts: [host('a')],
      market: shut({ sinceMs: 90_000, tryAgainAtMs: 3_000_000 }),
      nowMs: 2_000_000,
      leaves: undefined,
    },
  ])('$name', ({ hosts, market = open, nowMs, leaves, because }) => {
    expect(whoLeaves(hosts, market, rules, nowMs)).toEqual(leaves && { instanceId: leaves, because });
  });

  it('is the same whatever the order of the list, and always a running fallback', () => {
    const anyHost = fc.record({
      instanceId: fc.string({ minLength: 1 }),
      purchase: fc.constantFrom<BoughtHost['purchase']>('spot', 'on-demand', 'on-demand-fallback'),
      launchedAtMs: fc.nat(3_000_000),
      running: fc.boolean(),
    });
    const hosts = fc.uniqueArray(anyHost, { selector: ({ instanceId }) => instanceId, maxLength: 12 });
    const mixed = hosts.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(mixed, fc.nat(6_000_000), ([list, shuffled], nowMs) => {
        const leaving = whoLeaves(list, open, rules, nowMs);
        expect(whoLeaves(shuffled, open, rules, nowMs)).toEqual(leaving);
        if (leaving === undefined) return;
        expect(list.find(({ instanceId }) => instanceId === leaving.instanceId)).toMatchObject({
          purchase: 'on-demand-fallback',
          running: true,
        });
      }),
    );
  });
});
