import { expect, it } from 'vitest';
import { emptyReplicas } from './empty-replicas.ts';
import { backends, failedReading, reading } from './gateway-reading.test-support.ts';
import type { GatewayReading } from './gateway-reading.ts';

const at = (beganAtMs: number, inFlight?: number) =>
  reading({
    beganAtMs,
    backends: inFlight === undefined ? new Map() : backends({ a: { inFlightChunks: inFlight } }),
  });

it.each<[string, boolean, readonly GatewayReading[]]>([
  ['every gateway says 0 or does not name it', true, [at(4_000, 0), at(4_500)]],
  ['one has something in flight', false, [at(4_000, 0), at(4_500, 1)]],
  ['one scrape began too early', false, [at(4_000, 0), at(3_999, 0)]],
  ['one can’t be read', false, [at(9_000, 0), failedReading('http://gw answered 503', 9_000)]],
  ['no gateway is known', false, []],
])('when %s: empty is %s', (_, isEmpty, readings) => {
  expect(emptyReplicas([{ id: 'a', sinceMs: 1_000 }], readings)).toEqual(new Set(isEmpty ? ['a'] : []));
});

it('tells of each by its own mark', () => {
  const draining = [
    { id: 'early', sinceMs: 1_000 },
    { id: 'late', sinceMs: 2_000 },
  ];
  expect(emptyReplicas(draining, [at(4_000)])).toEqual(new Set(['early']));
});
