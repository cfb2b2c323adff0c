import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { FakeDriver } from '../src/drivers/fake-driver.test-support.ts';
import { Scaler } from '../src/reconcile/scaler.ts';
import { openSqliteStore } from '../src/store/sqlite-store.ts';
import { group, NOW_MS } from './api-under-test.ts';

/** Two scalers on one store that tick every minute, each on a clock of its own; `told` is who began to act or to stand by. */
function twoSlowScalers() {
  const store = openSqliteStore(':memory:');
  const platform = new FakeDriver({ clock: new ManualClock(NOW_MS) }).platform;
  const told: string[] = [];
  const stopping = new AbortController();
  const clocks = { a: new ManualClock(NOW_MS), b: new ManualClock(NOW_MS) };
  const settings = group({ intervalSeconds: 60, policies: [] });
  const scalers = Object.entries(clocks).map(([holder, clock]) => {
    const driver = new FakeDriver(platform);
    return new Scaler({
      groups: () => [{ settings, driver }],
      store,
      signals: { read: async () => ({ samplesFor: () => ({}), inFlight: () => 0, isEmpty: () => true }) },
      clock,
      random: () => 0.5,
      dryRun: false,
      holder,
      emit: (event) => {
        if (event.kind === 'leading') told.push(`${holder} ${event.leading ? 'acts' : 'stands by'}`);
      },
    });
  });
  const running = scalers.map((scaler) => scaler.run(stopping.signal));
  return {
    store,
    told,
    clocks,
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
      store.close();
    },
  };
}

it('holds the lease between two ticks that lie further apart than it lasts', async () => {
  const { clocks, told, stop } = twoSlowScalers();
  for (let second = 0; second < 600; second += 1) {
    await clocks.a.advance(1_000);
    await clocks.b.advance(1_000);
  }
  expect(told.toSorted()).toEqual(['a acts', 'b stands by']);
  await stop();
});

it('takes over when the lease is up, however long the standby would sleep', async () => {
  const { clocks, told, store, stop } = twoSlowScalers();
  await clocks.a.advance(0);
  await clocks.b.advance(0);
  // From here on the first one stands still.
  await clocks.b.advance(25_000);
  expect(told).toEqual(['a acts', 'b stands by', 'b acts']);
  const decided = store.decisions(1)[0]?.decidedAtMs ?? 0;
  expect(decided - NOW_MS).toBeGreaterThanOrEqual(20_000);
  await stop();
});
