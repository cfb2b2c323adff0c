import { expect, it } from 'vitest';
import { ScalerError } from '../errors.ts';
import type { Sample } from '../values/sample.ts';
import type { MetricQuery } from './cloudwatch-api.ts';
import { PacedMetrics } from './paced-metrics.ts';

const live = new AbortController().signal;
const query = (name: string, periodSeconds: number): MetricQuery => ({
  namespace: 'N',
  name,
  dimensions: {},
  statistic: 'Average',
  periodSeconds,
});

/** Stands for CloudWatch: answers with the second it was asked at, or fails, and remembers what it was asked. */
function cloudWatch() {
  const asked: (readonly [number, string])[] = [];
  const api = {
    failing: false,
    async getMetrics(queries: readonly MetricQuery[], nowMs: number) {
      asked.push([nowMs / 1_000, queries.map(({ name }) => name).join(' ')]);
      if (api.failing) throw new ScalerError('SCALER_DRIVER_THROTTLED', 'too many');
      return queries.map((): Sample => ({ kind: 'value', value: nowMs / 1_000, atMs: nowMs }));
    },
    close: async () => undefined,
  };
  return { api, asked };
}

it('asks for each metric twice in its period and every 15 s at most, what is due in one call', async () => {
  const { api, asked } = cloudWatch();
  const metrics = new PacedMetrics(api, [query('slow', 300), query('fast', 10)]);
  const values: number[] = [];
  for (let second = 0; second <= 160; second += 5) {
    const [slow] = await metrics.read(second * 1_000, live);
    if (slow?.kind === 'value') values.push(slow.value);
  }
  expect(asked.filter(([, names]) => names !== 'fast')).toEqual([
    [0, 'slow fast'],
    [150, 'slow fast'],
  ]);
  expect(asked.map(([second]) => second)).toEqual([0, 15, 30, 45, 60, 75, 90, 105, 120, 135, 150]);
  expect([...new Set(values)]).toEqual([0, 150]);
});

it('says why a call failed, and asks again 15 s later', async () => {
  const { api, asked } = cloudWatch();
  const metrics = new PacedMetrics(api, [query('slow', 300)]);
  api.failing = true;
  expect(await metrics.read(0, live)).toEqual([{ kind: 'missing', reason: 'CloudWatch: too many', atMs: 0 }]);
  api.failing = false;
  await metrics.read(10_000, live);
  expect(await metrics.read(15_000, live)).toEqual([{ kind: 'value', value: 15, atMs: 15_000 }]);
  expect(asked.map(([second]) => second)).toEqual([0, 15]);
});

it('asks again when the clock was set back', async () => {
  const { api, asked } = cloudWatch();
  const metrics = new PacedMetrics(api, [query('slow', 300)]);
  await metrics.read(1_000_000, live);
  await metrics.read(10_000, live);
  expect(asked).toHaveLength(2);
});
