import { seededRandom } from '@forebay/testing';
import { expect, it } from 'vitest';
import type { Ec2HostOptions } from '../src/drivers/ec2/ec2-driver-options.ts';
import { HOST_OPTIONS } from '../src/drivers/ec2/ec2-rig.test-support.ts';
import { addressOf, FakeEc2, type FakeEc2Options } from '../src/drivers/ec2/fake-ec2.test-support.ts';
import { Ec2Driver } from '../src/drivers/ec2-driver.ts';
import type { Scaler } from '../src/reconcile/scaler.ts';
import { World } from '../src/reconcile/world.test-support.ts';

/** The whole scaler over a fake EC2 whose hosts answer 40 s after their launch. */
function ec2World(options: Partial<Ec2HostOptions> = {}, platform: Omit<FakeEc2Options, 'clock'> = {}) {
  const world = new World({ min: 4, max: 8, drainSeconds: 60 });
  const { clock } = world;
  const ec2 = new FakeEc2({ clock, lagMs: 8_000, pendingMs: 20_000, shutdownMs: 20_000, ...platform });
  const answers = (healthUrl: string) => {
    const host = ec2.living().find(({ instanceId }) => new URL(healthUrl).hostname === addressOf(instanceId));
    return host !== undefined && clock.nowMs() - host.launchedAtMs >= 40_000;
  };
  const driver = () =>
    new Ec2Driver({
      api: ec2.api(),
      clock,
      options: { ...HOST_OPTIONS, ...options },
      ping: async (healthUrl) => answers(healthUrl),
      onEvent: () => undefined,
    });
  return {
    world,
    ec2,
    /** As after a restart: nothing but the store and EC2 is left. */
    start: (): Scaler => world.scaler({ driver: driver() }),
    ready: () => world.rows.filter(({ state }) => state.kind === 'ready').length,
    launchedTwice: () =>
      ec2.history.length - new Set(ec2.history.map(({ tags }) => tags['forebay:replica'])).size,
  };
}

it('brings hosts up, and ends one that nobody knows', async () => {
  const { world, ec2, start, ready } = ec2World();
  const scaler = start();
  await world.ticks(scaler, 15);
  expect([ready(), ec2.living().length]).toEqual([4, 4]);
  const tags = { 'forebay:pool': 'embedders', 'forebay:group': world.settings.name };
  ec2.launchByHand(tags);
  await world.ticks(scaler, 10);
  expect([ready(), ec2.living().length, ec2.history.length]).toEqual([4, 4, 5]);
});

it('replaces hosts that end before they were ever listed, that somebody stops, and that the platform takes', async () => {
  const { world, ec2, start, ready, launchedTwice } = ec2World();
  const scaler = start();
  await world.ticks(scaler, 1);
  ec2.end(ec2.living()[0]?.instanceId ?? '', 'Client.VolumeLimitExceeded');
  await world.ticks(scaler, 60);
  expect([ready(), ec2.history.length]).toEqual([4, 5]);
  ec2.end(ec2.living()[0]?.instanceId ?? '', 'Server.SpotInstanceTermination');
  ec2.end(ec2.living()[1]?.instanceId ?? '', 'Client.UserInitiatedShutdown', 'stopped');
  await world.ticks(scaler, 60);
  expect([ready(), ec2.living().length, launchedTwice()]).toEqual([4, 4, 0]);
});

it('comes back to spot one host at a time, and never serves with fewer than it shall', async () => {
  const { world, ec2, start, ready, launchedTwice } = ec2World({ purchase: 'spot-first' });
  ec2.room.spot = 1;
  const scaler = start();
  await world.ticks(scaler, 20);
  expect(
    ec2
      .living()
      .map(({ market }) => market)
      .toSorted(),
  ).toEqual(['on-demand', 'on-demand', 'on-demand', 'spot']);
  ec2.room.spot = 10;
  let least = 4;
  let most = 0;
  for (let tick = 0; tick < 600; tick += 1) {
    await world.ticks(scaler, 1);
    const serving = world.rows.filter(
      ({ state }) => state.kind === 'ready' || state.kind === 'draining',
    ).length;
    least = Math.min(least, serving);
    most = Math.max(most, ec2.living().length);
  }
  expect([least, most, ready(), launchedTwice()]).toEqual([4, 5, 4, 0]);
  expect(ec2.living().every(({ market }) => market === 'spot')).toBe(true);
});

it.each([11, 12, 13])(
  'has each host once through lost answers, throttling, restarts and spot that comes and goes (seed %i)',
  async (seed) => {
    const random = seededRandom(seed);
    const { world, ec2, start, ready, launchedTwice } = ec2World({ purchase: 'spot-first' });
    let scaler = start();
    for (let tick = 0; tick < 600; tick += 1) {
      if (random() < 0.03) ec2.script('run', { kind: 'lost' });
      if (random() < 0.02) ec2.script('terminate', { kind: 'lost' });
      if (random() < 0.02)
        ec2.script('describe', { kind: 'refused', name: 'RequestLimitExceeded', httpStatusCode: 503 });
      if (random() < 0.03) ec2.room.spot = random() < 0.5 ? 0 : 2;
      if (random() < 0.02) scaler = start();
      const spot = ec2.living('spot')[0];
      if (spot && random() < 0.01) ec2.end(spot.instanceId, 'Server.SpotInstanceTermination');
      if (random() < 0.02) world.settings = { ...world.settings, min: 2 + Math.floor(random() * 5) };
      await world.ticks(scaler, 1);
    }
    world.settings = { ...world.settings, min: 4, max: 4 };
    ec2.room.spot = 100;
    await world.ticks(scaler, 900);
    expect([ready(), ec2.living().length, launchedTwice()]).toEqual([4, 4, 0]);
    expect(ec2.living().every(({ market }) => market === 'spot')).toBe(true);
  },
);
