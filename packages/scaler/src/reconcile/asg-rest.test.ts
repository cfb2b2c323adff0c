import { seededRandom } from '@forebay/testing';
import { expect, it } from 'vitest';
import type { AsgOptions } from '../drivers/asg/asg-options.ts';
import { FakeAutoScaling } from '../drivers/asg/fake-auto-scaling.test-support.ts';
import { AsgDriver } from '../drivers/asg-driver.ts';
import { ScalerError } from '../errors.ts';
import { NO_SIGNAL, World } from './world.test-support.ts';

const OPTIONS: AsgOptions = {
  autoScalingGroupName: 'asg-cpu',
  scheme: 'http',
  port: 8080,
  path: '/m',
  healthPath: '/ping',
  onForeignScaler: 'refuse',
  metricPeriodSeconds: 300,
};

// The real loop and the real driver over a fake of EC2 Auto Scaling that replaces what ends by itself.
/** The last one: two that leave, and room for one replacement at a time. */
const SEEDS = [...Array.from({ length: 11 }, (_, seed) => seed), 43];

it.each(SEEDS.map((seed) => [seed]))(
  'comes to rest at the count that is wanted after notices, illness, ends and changes of load (seed %d)',
  async (seed) => {
    const world = new World({ initial: 2, max: 6, drainSeconds: 60 });
    const random = seededRandom(seed);
    const lagMs = random() < 0.5 ? 0 : 3_000;
    const maxSize = random() < 0.5 ? 6 : 20;
    const fake = new FakeAutoScaling({
      clock: world.clock,
      bootMs: 30_000,
      launchMs: 10_000,
      endMs: 20_000,
      lagMs,
    });
    fake.add('asg-cpu', { maxSize });
    const sick = new Set<string>();
    const driverOf = () =>
      new AsgDriver(new Map([['cpu', OPTIONS]]), {
        autoScaling: fake,
        ec2: {
          instanceAddresses: async (ids, signal) =>
            new Map(
              [...(await fake.instanceAddresses(ids, signal))].map(([id, each]) => [
                id,
                { ...each, privateIp: `10.${Number(id.slice(2)) >> 8}.${Number(id.slice(2)) & 255}.1` },
              ]),
            ),
          close: async () => undefined,
        },
        cloudWatch: {
          getMetrics: async (queries) => queries.map(() => ({ kind: 'missing', reason: 'no', atMs: 0 })),
          close: async () => undefined,
        },
        ping: async (url) => !sick.has(new URL(url).hostname),
        clock: world.clock,
        onEvent: () => undefined,
      });
    let scaler = world.scaler({ driver: driverOf() });
    world.queue = 2;
    const ends: { atMs: number; id: string }[] = [];
    const pick = () => world.rows[Math.floor(random() * world.rows.length)];
    const tick = async () => {
      for (const end of ends.filter(({ atMs }) => atMs <= world.clock.nowMs())) {
        ends.splice(ends.indexOf(end), 1);
        fake.faults.length = 0;
        await fake.terminate(end.id, { decrement: false }, NO_SIGNAL);
      }
      await world.ticks(scaler, 1);
    };
    for (let i = 0; i < 150; i += 1) {
      const atMs = world.clock.nowMs();
      const row = pick();
      const dice = random();
      if (dice < 0.05) world.queue = Math.floor(random() * 6) + 1;
      else if (row !== undefined && dice < 0.08) {
        world.store.putReport({
          kind: 'leaving',
          about: row.id,
          because: 'spot',
          atMs,
          deadlineMs: atMs + 120_000,
        });
        ends.push({ atMs: atMs + 120_000, id: row.id });
      } else if (row !== undefined && dice < 0.1) {
        fake.change(row.id, { healthy: false });
        ends.push({ atMs: atMs + 60_000, id: row.id });
      } else if (row?.url !== undefined && dice < 0.12) sick.add(new URL(row.url).hostname);
      else if (row !== undefined && dice < 0.14) ends.push({ atMs, id: row.id });
      else if (row !== undefined && dice < 0.16)
        world.store.putReport({ kind: 'unhealthy', about: row.id, because: 'x', atMs });
      else if (row !== undefined && dice < 0.18)
        world.store.putReport({ kind: 'leaving', about: row.id, because: 'advice', atMs });
      else if (dice < 0.22)
        fake.faults.push(
          new ScalerError(dice < 0.21 ? 'SCALER_DRIVER_THROTTLED' : 'SCALER_DRIVER_FAILED', 'made up', {
            retryable: true,
          }),
        );
      else if (dice < 0.24) scaler = world.scaler({ driver: driverOf() });
      await tick();
    }
    for (let i = 0; i < 150; i += 1) await tick();
    const before = fake.calls.length;
    for (let i = 0; i < 20; i += 1) await tick();
    const acts = fake.calls.slice(before).filter((call) => /^(setDesired|terminate)/.test(call));
    const { instances = [] } = (await fake.group('asg-cpu', NO_SIGNAL)) ?? {};
    expect([fake.desiredOf('asg-cpu'), instances.length, world.desired, acts]).toEqual([
      world.queue,
      world.queue,
      world.queue,
      [],
    ]);
  },
);
