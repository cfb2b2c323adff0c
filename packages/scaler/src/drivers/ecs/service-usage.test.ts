import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import type { MetricQuery } from '../../aws/cloudwatch-api.ts';
import { ecsOptionsSchema } from './ecs-options.ts';
import { ServiceUsage } from './service-usage.ts';

it('asks for the service by the names that CloudWatch has, twice a minute at most', async () => {
  const clock = new ManualClock(1_000_000);
  const asked: MetricQuery[][] = [];
  const options = ecsOptionsSchema.parse({
    cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/embed',
    service: 'djl-cpu',
  });
  const usage = new ServiceUsage(
    options,
    {
      async getMetrics(queries, nowMs) {
        asked.push([...queries]);
        return queries.map(({ name }) => ({ kind: 'value', value: name.length, atMs: nowMs }));
      },
      close: async () => undefined,
    },
    clock,
  );
  const read = () => usage.read(new AbortController().signal);
  const first = { kind: 'value', atMs: 1_000_000 };
  expect(await read()).toEqual({
    cpu_percent: { ...first, value: 14 },
    memory_percent: { ...first, value: 17 },
  });
  await clock.advance(29_000);
  await read();
  expect(asked.length).toBe(1);
  await clock.advance(1_000);
  await read();
  expect(asked.length).toBe(2);
  expect(asked[0]?.[1]).toEqual({
    namespace: 'AWS/ECS',
    name: 'MemoryUtilization',
    dimensions: { ClusterName: 'embed', ServiceName: 'djl-cpu' },
    statistic: 'Average',
    periodSeconds: 60,
  });
});
