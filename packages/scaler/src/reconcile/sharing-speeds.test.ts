import { expect, it } from 'vitest';
import { queuedWorkPolicy } from '../values/group-settings.test-support.ts';
import type { Samples } from '../values/sample.ts';
import { LoopPlatform } from './loop-platform.test-support.ts';
import type { GroupOfReplicas, SignalSource } from './readings.ts';
import { World } from './world.test-support.ts';

const SPEEDS: Readonly<Record<string, number>> = { cpu: 60, gpu: 4_000 };

/** 600 chunks/s for two groups: CPUs whose class is said to do ten times what they do, and dear GPUs that do what they are said to. */
it('does not leave work to a group that is slower than its class, when it has ended its last replica', async () => {
  const world = new World({ stabilizationSeconds: { out: 0, in: 450 } });
  const policies = [
    queuedWorkPolicy({ utilization: 0.9, headroom: 1.25, tolerance: { out: 0.15, in: 0.15 } }),
  ];
  const cpu = { ...world.settings, policies, chunksPerSecond: 600, pricePerHour: 0.17, max: 10 };
  const gpu = { ...cpu, name: 'gpu', class: 'gpu', chunksPerSecond: 4_000, pricePerHour: 2, max: 2 };
  const groups = [
    { settings: cpu, driver: world.platform.driver() },
    { settings: gpu, driver: new LoopPlatform(world.clock).driver() },
  ];
  const readyOf = (group: string) =>
    world.store.load(group).replicas.filter(({ state }) => state.kind === 'ready').length;
  let queued = 0;
  const samplesFor = ({ name, readyIds }: GroupOfReplicas): Samples => {
    const value = (of: number) => ({ kind: 'value', value: of, atMs: world.clock.nowMs() }) as const;
    const speed = SPEEDS[name] ?? 0;
    return {
      queued_chunks: value(queued),
      arrivals_per_second: value(600),
      ...(readyIds.length > 0 && { chunks_per_second_per_replica: value(speed) }),
    };
  };
  const signals: SignalSource = {
    read: async () => ({
      samplesFor,
      inFlight: () => 0,
      isEmpty: (_, at) => world.clock.nowMs() >= at + 3_000,
    }),
  };
  const scaler = world.scaler({ signals, groups: () => groups });
  let longest = 0;
  for (let second = 0; second < 7_200; second += 5) {
    await world.ticks(scaler, 1);
    const served = 60 * readyOf('cpu') + 4_000 * readyOf('gpu');
    queued = Math.max(0, queued + 5 * (600 - served));
    if (second > 600) longest = Math.max(longest, queued);
  }
  expect(longest).toBeLessThan(60_000);
  expect(60 * readyOf('cpu') + 4_000 * readyOf('gpu')).toBeGreaterThanOrEqual(600);
});
