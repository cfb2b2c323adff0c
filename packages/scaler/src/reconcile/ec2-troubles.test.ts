import { expect, it } from 'vitest';
import type { Ec2Api } from '../aws/ec2-api.ts';
import type { Clock } from '../clock.ts';
import { HOST_OPTIONS } from '../drivers/ec2/ec2-rig.test-support.ts';
import { FakeEc2 } from '../drivers/ec2/fake-ec2.test-support.ts';
import { Ec2Driver } from '../drivers/ec2-driver.ts';
import { ScalerError } from '../errors.ts';
import { World } from './world.test-support.ts';

/** Of hosts that all answer. */
function driverOf(api: Ec2Api, clock: Clock): Ec2Driver {
  return new Ec2Driver({
    api,
    clock,
    options: HOST_OPTIONS,
    ping: async () => true,
    onEvent: () => undefined,
  });
}

it.each([
  ['all hosts', 3],
  ['one of them', 1],
])('replaces and ends no host when a list of EC2 lacks %s', async (_, hidden) => {
  const world = new World({ min: 0, initial: 0 });
  const { clock } = world;
  const ec2 = new FakeEc2({ clock });
  const scaler = world.scaler({ driver: driverOf(ec2.api(), clock) });
  world.queue = 3;
  await world.ticks(scaler, 40);
  const before = world.rows;
  expect(before.map(({ state }) => state.kind)).toEqual(['ready', 'ready', 'ready']);
  for (const { instanceId } of ec2.living().slice(0, hidden)) ec2.hidden.add(instanceId);
  await world.ticks(scaler, 2);
  ec2.hidden.clear();
  await world.ticks(scaler, 5);
  expect([ec2.history.length, ec2.living().length, world.rows]).toEqual([3, 3, before]);
});

it('launches many hosts as fast as EC2 lets it, though no order gets all of them through', async () => {
  const world = new World({ min: 0, initial: 0, max: 150 });
  const { clock } = world;
  const ec2 = new FakeEc2({ clock });
  const api = ec2.api();
  const asked: number[] = [];
  const throttled: Ec2Api = {
    ...api,
    async runInstance(...given) {
      const nowMs = clock.nowMs();
      if (asked.filter((atMs) => nowMs - atMs < 5_000).length >= 10)
        throw new ScalerError('SCALER_DRIVER_THROTTLED', 'RequestLimitExceeded', { retryable: true });
      asked.push(nowMs);
      return api.runInstance(...given);
    },
  };
  const scaler = world.scaler({ driver: driverOf(throttled, clock) });
  world.queue = 150;
  await world.ticks(scaler, 20);
  expect(ec2.living()).toHaveLength(150);
});

it('launches at once though a host that is to go can’t be ended for minutes', async () => {
  const world = new World({ min: 0, initial: 0, max: 6 });
  const { clock } = world;
  const ec2 = new FakeEc2({ clock });
  const scaler = world.scaler({ driver: driverOf(ec2.api(), clock) });
  world.queue = 2;
  await world.ticks(scaler, 20);
  for (const { instanceId } of ec2.living()) ec2.protectedIds.add(instanceId);
  world.queue = 1;
  await world.ticks(scaler, 120);
  expect(world.rows.map(({ state }) => state.kind).toSorted()).toEqual(['ready', 'terminating']);
  world.queue = 3;
  await world.ticks(scaler, 1);
  expect(ec2.living()).toHaveLength(4);
  // The order that ends it waits for nothing any more.
  ec2.protectedIds.clear();
  world.queue = 4;
  await world.ticks(scaler, 4);
  expect(ec2.living()).toHaveLength(4);
  world.queue = 1;
  await world.ticks(scaler, 8);
  expect(ec2.living()).toHaveLength(1);
});
