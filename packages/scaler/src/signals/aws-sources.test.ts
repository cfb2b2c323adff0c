import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import type { SqsApi } from '../aws/sqs-api.ts';
import { ScalerError } from '../errors.ts';
import type { Sample } from '../values/sample.ts';
import { cloudWatchSource } from './cloudwatch-source.ts';
import { sqsSource } from './sqs-source.ts';

const clock = new ManualClock(1_000_000);
const deadline = { clock, timeoutMs: 3_000, signal: new AbortController().signal };
const QUEUE = 'http://sqs/1/jobs';

/** Stands for SQS. */
function sqs(depth: SqsApi['depth']): SqsApi {
  const unused = () => Promise.reject(new Error('not asked for'));
  return { depth, receive: unused, delete: unused, close: async () => undefined };
}

const never = () => new Promise<never>(() => undefined);

it.each([
  ['all', 7],
  ['visible', 2],
] as const)('counts %s messages of a queue', async (count, value) => {
  const api = sqs(async () => ({ visible: 2, notVisible: 5, delayed: 9 }));
  expect(await sqsSource({ name: 'jobs', group: 'a', queueUrl: QUEUE, count }, api).read(deadline)).toEqual([
    { name: 'jobs', group: 'a', sample: { kind: 'value', value, atMs: 1_000_000 } },
  ]);
});

it('says why a queue could not be counted', async () => {
  const api = sqs(() => Promise.reject(new ScalerError('SCALER_DRIVER_FAILED', 'AccessDenied')));
  expect(await sqsSource({ name: 'jobs', queueUrl: QUEUE, count: 'all' }, api).read(deadline)).toMatchObject([
    { name: 'jobs', sample: { kind: 'missing', reason: 'AccessDenied' } },
  ]);
});

it('waits for AWS no longer than its deadline', async () => {
  const own = new ManualClock(0);
  const within = { ...deadline, clock: own };
  const query = { namespace: 'N', name: 'M', dimensions: {}, statistic: 'Sum', periodSeconds: 60 };
  const reads = Promise.all([
    sqsSource({ name: 'jobs', queueUrl: QUEUE, count: 'all' }, sqs(never)).read(within),
    cloudWatchSource([{ name: 'm', query }], { getMetrics: never, close: never }).read(within),
  ]);
  await own.advance(3_000);
  expect((await reads).flat().map(({ sample }) => sample)).toEqual([
    { kind: 'missing', reason: `${QUEUE} did not answer within 3000 ms`, atMs: 3_000 },
    { kind: 'missing', reason: 'CloudWatch did not answer within 3000 ms', atMs: 3_000 },
  ]);
});

it('gives each signal its own metric', async () => {
  const query = (name: string) => ({
    namespace: 'N',
    name,
    dimensions: {},
    statistic: 'Sum',
    periodSeconds: 60,
  });
  const source = cloudWatchSource(
    [
      { name: 'cpu_percent', group: 'a', query: query('A') },
      { name: 'cpu_percent', group: 'b', query: query('BB') },
    ],
    {
      getMetrics: async (queries) =>
        queries.map(({ name }): Sample => ({ kind: 'value', value: name.length, atMs: 7 })),
      close: never,
    },
  );
  expect(await source.read(deadline)).toEqual([
    { name: 'cpu_percent', group: 'a', sample: { kind: 'value', value: 1, atMs: 7 } },
    { name: 'cpu_percent', group: 'b', sample: { kind: 'value', value: 2, atMs: 7 } },
  ]);
});
