import { expect, it } from 'vitest';
import type { Sample } from '../values/sample.ts';
import { backends, failedReading, reading } from './gateway-reading.test-support.ts';
import { type GatewayHistory, gatewaySamples } from './gateway-samples.ts';

const group = { class: 'cpu', replicaIds: ['a', 'b', 'going'], readyIds: ['a', 'b'] };
const samples = (...histories: readonly GatewayHistory[]) => gatewaySamples(histories, group, 12_000);
const value = (number: number, atMs = 10_000): Sample => ({ kind: 'value', value: number, atMs });
const missing = (reason: string, atMs = 10_000): Sample => ({ kind: 'missing', reason, atMs });
const INF = Number.POSITIVE_INFINITY;

it('adds up over gateways, with the oldest of their queues and the age of the oldest reading', () => {
  const one = reading({
    queuedChunks: new Map([
      ['default', 3],
      ['bulk', 10],
    ]),
    queueOldestSeconds: 4,
    queuedWorkSeconds: 1.5,
    heldRequests: 1,
    receivedTotal: 150,
    requestsTotal: 20,
    backends: backends({
      a: { inFlightChunks: 8 },
      going: { inFlightChunks: 1 },
      other: { inFlightChunks: 99 },
    }),
  });
  const two = reading({
    gateway: 'http://gw2:8080/metrics',
    beganAtMs: 11_000,
    queuedChunks: new Map([['default', 2]]),
    queueOldestSeconds: 9,
    queuedWorkSeconds: 0.5,
    heldRequests: 2,
    receivedTotal: 60,
    requestsTotal: 10,
    backends: backends({ a: { inFlightChunks: 4 } }),
  });
  const earlierOne = reading({ beganAtMs: 5_000, receivedTotal: 100, requestsTotal: 10 });
  const earlierTwo = reading({ beganAtMs: 9_000, receivedTotal: 40, requestsTotal: 0 });
  expect(samples({ current: one, earlier: earlierOne }, { current: two, earlier: earlierTwo })).toEqual({
    arrivals_per_second: value(50 / 5 + 20 / 2),
    requests_per_second: value(10 / 5 + 10 / 2),
    queued_chunks: value(15),
    queue_oldest_seconds: value(9),
    queued_work_seconds: value(2),
    in_flight_chunks: value(13),
    held_requests: value(3),
    latency_p50_seconds: missing('no request has ended since the last reading, but some are under way'),
    latency_p95_seconds: missing('no request has ended since the last reading, but some are under way'),
    latency_p99_seconds: missing('no request has ended since the last reading, but some are under way'),
  });
});

it('misses everything but the speed of replicas while one gateway can’t be read', () => {
  const lost = missing('http://gw2:8080/metrics answered 503', 9_500);
  const fine = reading({
    queuedChunks: new Map([['bulk', 10]]),
    backends: backends({ a: { chunksPerSecond: 600 } }),
  });
  const failed = failedReading('http://gw2:8080/metrics answered 503', 9_500);
  const all = samples({ current: fine, earlier: reading({ beganAtMs: 5_000 }) }, { current: failed });
  const { chunks_per_second_per_replica: speed, ...rest } = all;
  expect(speed).toEqual(value(600));
  expect(Object.keys(rest)).toHaveLength(10);
  expect(Object.values(rest)).toEqual(Object.values(rest).map(() => lost));
});

it('says how many more gateways can’t be read, and misses the speed too when none can', () => {
  const failures = [failedReading('one'), failedReading('two'), failedReading('three')];
  const all = samples(...failures.map((current) => ({ current })));
  expect(Object.keys(all)).toHaveLength(11);
  expect(new Set(Object.values(all).map((sample) => JSON.stringify(sample)))).toEqual(
    new Set([JSON.stringify(missing('one (and 2 more)'))]),
  );
});

it('misses everything where there is no gateway', () => {
  expect(samples().queued_chunks).toEqual(missing('there is no gateway to read', 12_000));
});

it.each<[string, readonly GatewayHistory[], Sample]>([
  [
    'the difference over the interval',
    [
      {
        current: reading({ receivedTotal: 150 }),
        earlier: reading({ beganAtMs: 5_000, receivedTotal: 100 }),
      },
    ],
    value(10),
  ],
  [
    'a counter that fell from zero',
    [{ current: reading({ receivedTotal: 30 }), earlier: reading({ beganAtMs: 5_000, receivedTotal: 100 }) }],
    value(6),
  ],
  [
    'nothing of a first reading',
    [{ current: reading({ receivedTotal: 30 }) }],
    missing('it takes a second reading'),
  ],
  [
    'the others while one is new',
    [
      { current: reading({ receivedTotal: 30 }) },
      { current: reading({ receivedTotal: 20 }), earlier: reading({ beganAtMs: 5_000, receivedTotal: 10 }) },
    ],
    value(2),
  ],
  [
    'nothing when the clock was set back',
    [{ current: reading({ receivedTotal: 30 }), earlier: reading({ beganAtMs: 11_000, receivedTotal: 10 }) }],
    missing('it takes a second reading'),
  ],
])('takes as arrivals %s', (_, histories, expected) => {
  expect(samples(...histories).arrivals_per_second).toEqual(expected);
});

const buckets = (tenth: number, all: number) => [
  { upToSeconds: 0.1, count: tenth },
  { upToSeconds: 1, count: all },
  { upToSeconds: INF, count: all },
];

it('takes latency from the requests that ended in the interval, whatever the gateway', () => {
  const earlier = reading({ beganAtMs: 5_000, latencyBuckets: buckets(1_000, 1_000) });
  const all = samples(
    { current: reading({ latencyBuckets: buckets(1_010, 1_010) }), earlier },
    { current: reading({ latencyBuckets: buckets(0, 10) }), earlier: reading({ beganAtMs: 5_000 }) },
  );
  expect(all).toMatchObject({
    latency_p50_seconds: value(0.1),
    latency_p95_seconds: { value: expect.closeTo(0.91, 12) },
    latency_p99_seconds: { value: expect.closeTo(0.982, 12) },
  });
});

it.each<[string, readonly GatewayHistory[], Sample]>([
  [
    '0 when nothing ended and nothing is under way',
    [
      {
        current: reading({ latencyBuckets: buckets(5, 5) }),
        earlier: reading({ beganAtMs: 5_000, latencyBuckets: buckets(5, 5) }),
      },
    ],
    value(0),
  ],
  [
    'missing when nothing ended but a backend has work',
    [
      {
        current: reading({ backends: backends({ other: { inFlightChunks: 1 } }) }),
        earlier: reading({ beganAtMs: 5_000 }),
      },
    ],
    missing('no request has ended since the last reading, but some are under way'),
  ],
  ['missing at the first reading', [{ current: reading() }], missing('it takes a second reading')],
  [
    'missing when the gateways have no bound in common',
    [
      { current: reading({ latencyBuckets: buckets(5, 5) }), earlier: reading({ beganAtMs: 5_000 }) },
      {
        current: reading({
          latencyBuckets: [
            { upToSeconds: 7, count: 1 },
            { upToSeconds: INF, count: 1 },
          ],
        }),
        earlier: reading({ beganAtMs: 5_000 }),
      },
    ],
    missing('the gateways count latency by different bounds'),
  ],
])('says latency is %s', (_, histories, expected) => {
  expect(samples(...histories).latency_p95_seconds).toEqual(expected);
});

it.each<[string, readonly GatewayHistory[], Sample | undefined]>([
  [
    'the mean over ready replicas, of each the largest that a gateway learned',
    [
      {
        current: reading({
          backends: backends({
            a: { chunksPerSecond: 600 },
            b: { chunksPerSecond: 300 },
            going: { chunksPerSecond: 1 },
          }),
        }),
      },
      { current: reading({ backends: backends({ a: { chunksPerSecond: 400 }, b: {} }) }) },
    ],
    value(450),
  ],
  [
    'that of the measured ones while others are unlearned',
    [{ current: reading({ backends: backends({ a: { chunksPerSecond: 600 }, b: {} }) }) }],
    value(600),
  ],
  [
    'that of its class while none of its ready ones is learned',
    [
      {
        current: reading({
          backends: backends({
            a: {},
            going: { chunksPerSecond: 500 },
            gpu: { class: 'gpu', chunksPerSecond: 4_000 },
          }),
        }),
      },
    ],
    value(500),
  ],
  [
    'not there while nothing is learned',
    [{ current: reading({ backends: backends({ a: {} }) }) }],
    undefined,
  ],
])('says the speed of a replica is %s', (_, histories, expected) => {
  expect(samples(...histories).chunks_per_second_per_replica).toEqual(expected);
});
