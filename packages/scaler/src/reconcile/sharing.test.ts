import { expect, it } from 'vitest';
import { queuedWorkPolicy } from '../values/group-settings.test-support.ts';
import { LoopPlatform } from './loop-platform.test-support.ts';
import type { Scaler } from './scaler.ts';
import { NO_SIGNAL, World } from './world.test-support.ts';

/** Ten chunks/s at $1 that start in 20 s, and a hundred at $5 that start in `largeStartupSeconds`. */
class SharedWorld extends World {
  readonly large: LoopPlatform = new LoopPlatform(this.clock);
  arrivals = 0;
  queued = 0;
  readonly #scaler: Scaler;

  constructor(inSeconds: number, largeStartupSeconds: number) {
    super({ stabilizationSeconds: { out: 0, in: inSeconds } });
    const policies = [queuedWorkPolicy({ headroom: 1.15, tolerance: { out: 0.2, in: 0.15 } })];
    const small = { ...this.settings, policies, startup: { expectedSeconds: 20, timeoutSeconds: 900 } };
    const startup = { expectedSeconds: largeStartupSeconds, timeoutSeconds: 900 };
    const large = { ...small, name: 'gpu', class: 'gpu', chunksPerSecond: 100, pricePerHour: 5, startup };
    this.large.startupSeconds = largeStartupSeconds;
    this.signals = (atMs) => ({
      queued_chunks: { kind: 'value', value: this.queued, atMs },
      arrivals_per_second: { kind: 'value', value: this.arrivals, atMs },
    });
    const groups = [
      { settings: small, driver: this.platform.driver() },
      { settings: large, driver: this.large.driver() },
    ];
    this.#scaler = this.scaler({ groups: () => groups });
  }

  ready(group: 'cpu' | 'gpu'): number {
    return this.store.load(group).replicas.filter(({ state }) => state.kind === 'ready').length;
  }

  /** So many seconds of arrivals, in ticks of five. */
  async seconds(count: number, arrivals: number): Promise<void> {
    this.arrivals = arrivals;
    for (let second = 0; second < count; second += 5) {
      await this.ticks(this.#scaler, 1);
      const served = 10 * this.ready('cpu') + 100 * this.ready('gpu');
      this.queued = Math.max(0, this.queued + 5 * (arrivals - served));
    }
  }
}

it.each([
  ['few', 20, 3, 0],
  ['many', 60, 0, 1],
])('settles on the cheapest replicas for %s chunks, with none waiting', async (_, arrivals, small, large) => {
  const world = new SharedWorld(300, 60);
  await world.seconds(7_200, arrivals);
  expect([world.ready('cpu'), world.ready('gpu'), world.queued]).toEqual([small, large, 0]);
});

// A replica that starts counts as help that comes, so it could look needless, be ended before it is ready, and be needed again.
it('works a backlog off also when the in window is shorter than a start-up of the other group', async () => {
  const world = new SharedWorld(30, 60);
  await world.seconds(7_200, 20);
  expect(world.queued).toBe(0);
  expect(world.large.launched.length).toBeLessThan(10);
});

it('counts on what another group has just ordered, also before that one ticks again', async () => {
  const world = new World();
  const policies = [queuedWorkPolicy({ tolerance: { out: 0.1, in: 0.1 } })];
  const cpu = { ...world.settings, policies, startup: { expectedSeconds: 60, timeoutSeconds: 900 } };
  const gpu = {
    ...cpu,
    name: 'gpu',
    chunksPerSecond: 100,
    startup: { expectedSeconds: 10, timeoutSeconds: 900 },
  };
  const groups = [cpu, gpu].map((settings) => ({ settings, driver: new LoopPlatform(world.clock).driver() }));
  const [small, large] = groups.map((group) => [group]);
  let queued = 0;
  world.signals = (atMs) => ({
    queued_chunks: { kind: 'value', value: queued, atMs },
    arrivals_per_second: { kind: 'value', value: queued / 10, atMs },
  });
  const scaler = world.scaler({ groups: () => groups });
  await world.ticks(scaler, 6);
  queued = 1_000;
  const backlogOfSmall = async () => {
    await scaler.tick(NO_SIGNAL, small);
    const decided = world.events.findLast((event) => event.kind === 'decided');
    const vote = decided?.decision.votes[0]?.vote;
    return vote?.kind === 'wants' ? vote.figures?.expected_backlog_chunks : undefined;
  };
  await scaler.tick(NO_SIGNAL, large);
  expect(world.store.load('gpu').replicas.some(({ state }) => state.kind === 'launching')).toBe(true);
  const first = await backlogOfSmall();
  await scaler.tick(NO_SIGNAL, large);
  await world.clock.advance(1);
  const second = await backlogOfSmall();
  expect(first).toBeCloseTo(second ?? Number.NaN, 0);
});
