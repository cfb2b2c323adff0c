import { expect, it } from 'vitest';
import { cannedExposition } from './exposition.test-support.ts';
import { toGatewayReading } from './to-gateway-reading.ts';

const read = (text: string) => toGatewayReading('http://gw/metrics', 1, text);
const canned = cannedExposition({});

it('adds up what has labels', () => {
  const text = `${canned}forebay_queue_depth{priority="bulk"} 4
forebay_requests_total{api="djl",code="200"} 10
forebay_requests_total{api="tei",code="503"} 5
forebay_requests_total{api="djl",code="400"} 100
forebay_requests_total{api="djl",code="429"} 2
forebay_requests_total{api="djl",code="499"} 1
forebay_request_duration_seconds_bucket{api="djl",le="0.1"} 1
forebay_request_duration_seconds_bucket{api="djl",le="+Inf"} 3
forebay_request_duration_seconds_bucket{api="tei",le="+Inf"} 20
forebay_request_duration_seconds_bucket{api="tei",le="0.1"} 10
another_metric NaN
`;
  expect(read(text)).toMatchObject({
    kind: 'read',
    queuedChunks: new Map([
      ['default', 0],
      ['bulk', 4],
    ]),
    requestsTotal: 18,
    latencyBuckets: [
      { upToSeconds: 0.1, count: 11 },
      { upToSeconds: Number.POSITIVE_INFINITY, count: 23 },
    ],
  });
});

it('knows a speed as learned from the second answered batch on', () => {
  const text = cannedExposition({
    backends: {
      guessed: { inFlight: 3, rate: 500, batches: 1 },
      learned: { inFlight: 0, rate: 712.5, batches: 2 },
    },
  });
  expect(read(text)).toMatchObject({
    backends: new Map([
      ['guessed', { class: 'cpu', up: true, inFlightChunks: 3, chunksPerSecond: undefined }],
      ['learned', { class: 'cpu', up: true, inFlightChunks: 0, chunksPerSecond: 712.5 }],
    ]),
  });
});

it('tells which backends are down', () => {
  const text = cannedExposition({ backends: { a: {} } }).replace(/^(forebay_backend_up.*) 1$/m, '$1 0');
  expect(read(text)).toMatchObject({ backends: new Map([['a', expect.objectContaining({ up: false })]]) });
});

it.each([
  [
    'a malformed line',
    `${canned}oops\n`,
    /^http:\/\/gw\/metrics is no exposition: line \d+: no metric's name: "oops"$/,
  ],
  ['nothing', '', /has no forebay_queue_depth: is it a gateway's\?$/],
  [
    'one that is absent',
    canned.replace(/^forebay_held.*\n/m, ''),
    /has no forebay_held_requests: is it a gateway's\?$/,
  ],
  [
    'a number that is none',
    canned.replace(/^(forebay_held.*) 0$/m, '$1 NaN'),
    /says forebay_held_requests is NaN$/,
  ],
  [
    'less than nothing',
    canned.replace(/^(forebay_held.*) 0$/m, '$1 -1'),
    /says forebay_held_requests is -1$/,
  ],
  [
    'a bound that is none',
    `${canned}forebay_request_duration_seconds_bucket{api="djl",le="much"} 1\n`,
    /says a request took up to much seconds$/,
  ],
])('fails on %s', (_, text, reason) => {
  expect(read(text)).toMatchObject({
    kind: 'failed',
    gateway: 'http://gw/metrics',
    beganAtMs: 1,
    reason: expect.stringMatching(reason),
  });
});
