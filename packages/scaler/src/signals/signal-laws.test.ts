import fc from 'fast-check';
import { expect, it } from 'vitest';
import { emptyReplicas } from './empty-replicas.ts';
import { backends, failedReading, reading } from './gateway-reading.test-support.ts';
import type { GatewayReading } from './gateway-reading.ts';
import { gatewaySamples } from './gateway-samples.ts';

const group = { class: 'cpu', replicaIds: ['a', 'b'], readyIds: ['a'] };
const count = fc.nat(1_000);
const perBackend = fc.record({
  inFlightChunks: count,
  chunksPerSecond: fc.option(count, { nil: undefined }),
});

/** Counters that may fall, clocks that may stand still, gateways that may be lost. */
const read = fc
  .record({ beganAtMs: count, receivedTotal: count, requestsTotal: count, queued: count, a: perBackend })
  .map(({ queued, a, ...rest }) =>
    reading({ ...rest, queuedChunks: new Map([['bulk', queued]]), backends: backends({ a }) }),
  );
const lost = count.map((beganAtMs) => failedReading('lost', beganAtMs));
const current: fc.Arbitrary<GatewayReading> = fc.oneof({ arbitrary: read, weight: 4 }, lost);
const history = fc.record({ current, earlier: fc.option(read, { nil: undefined }) });

it('says only numbers that are finite and at least 0, whatever counters and clocks do', () => {
  fc.assert(
    fc.property(fc.array(history, { maxLength: 4 }), (histories) => {
      for (const sample of Object.values(gatewaySamples(histories, group, 2_000))) {
        if (sample.kind === 'value') expect(sample.value).toBeGreaterThanOrEqual(0);
        if (sample.kind === 'value') expect(Number.isFinite(sample.value)).toBe(true);
        expect(sample.atMs).toBeLessThanOrEqual(2_000);
      }
    }),
    { seed: 7 },
  );
});

it('never says less of queue and work because one gateway more is there', () => {
  const queueAndWork = ['queued_chunks', 'in_flight_chunks', 'queued_work_seconds', 'held_requests'];
  const histories = fc.array(
    read.map((current) => ({ current })),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(histories, history, (some, more) => {
      const before = gatewaySamples(some, group, 2_000);
      const after = gatewaySamples([...some, more], group, 2_000);
      for (const name of queueAndWork) {
        const [one, other] = [before[name], after[name]];
        if (one?.kind !== 'value') throw new Error(`${name} was read`);
        expect(other?.kind === 'missing' || (other?.kind === 'value' && other.value >= one.value)).toBe(true);
      }
    }),
    { seed: 7 },
  );
});

it('never finds a replica empty because one gateway more is there', () => {
  const draining = [
    { id: 'a', sinceMs: -2_500 },
    { id: 'unnamed', sinceMs: -2_500 },
  ];
  fc.assert(
    fc.property(fc.array(current, { minLength: 1, maxLength: 3 }), current, (some, more) => {
      const before = emptyReplicas(draining, some);
      for (const id of emptyReplicas(draining, [...some, more])) expect(before).toContain(id);
    }),
    { seed: 7 },
  );
});
