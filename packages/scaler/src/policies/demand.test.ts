import { describe, expect, it } from 'vitest';
import {
  decisionOf,
  missing,
  peer,
  policyContext,
  sample,
  samples,
  seenValues,
} from '../decide/decision.test-support.ts';
import { queuedWorkPolicy } from '../values/group-settings.test-support.ts';
import { demand } from './demand.ts';
import type { Peer, PolicyContext } from './policy-context.ts';
import { queuedWork } from './queued-work.ts';

const load = (arrivals: number, queued: number, speed?: number) =>
  samples({
    arrivals_per_second: arrivals,
    queued_chunks: queued,
    ...(speed !== undefined && { chunks_per_second_per_replica: speed }),
  });

/** The same rate at each of 120 ticks, 5 s apart. */
const steady = (arrivals: number, signals: Record<string, number> = {}) =>
  Array.from({ length: 120 }, (_, i) =>
    decisionOf(600 - 5 * i, { signals: seenValues({ arrivals_per_second: arrivals, ...signals }) }),
  );

function found(given: Partial<PolicyContext>, settings = queuedWorkPolicy()) {
  const demanded = demand(settings, policyContext(given));
  return demanded.kind === 'lost'
    ? demanded.because
    : [Number(demanded.chunksPerSecond.toFixed(6)), demanded.perReplica];
}

describe('demand', () => {
  it.each<[string, Partial<PolicyContext>, readonly [number, number] | string]>([
    ['is arrivals while the queue is empty', { samples: load(24, 0, 12) }, [24, 12]],
    ['falls back on the speed of the class', { samples: load(24, 0) }, [24, 10]],
    ['does not believe a speed of nothing', { samples: load(24, 0, 0) }, [24, 10]],
    ['works a backlog off in three start-ups', { ready: 0, current: 0, samples: load(0, 1_800) }, [10, 10]],
    [
      'takes longer where the start-up does',
      { ready: 0, current: 0, startupSeconds: 300, samples: load(0, 1_800) },
      [2, 10],
    ],
    [
      'leaves out what ready replicas do meanwhile',
      { ready: 1, current: 1, samples: load(0, 2_400) },
      [10, 10],
    ],
    [
      'and what starting ones will',
      { ready: 1, current: 2, startingAgesSeconds: [30], samples: load(0, 1_800) },
      [5, 10],
    ],
    [
      'and what other groups do',
      { ready: 0, current: 0, peers: [peer({ ready: 1 })], samples: load(0, 2_400) },
      [10, 10],
    ],
    [
      'and will do',
      { ready: 0, current: 0, peers: [peer({ ready: 0, readyInSeconds: [30] })], samples: load(0, 3_000) },
      [15, 10],
    ],
    [
      'is lost without the queue',
      { samples: { ...load(1, 1), queued_chunks: missing() } },
      'queued_chunks is missing: no answer',
    ],
    [
      'is lost without arrivals',
      { samples: { ...load(1, 1), arrivals_per_second: sample(1, 99) } },
      'arrivals_per_second is 99 s old, more than 30 s',
    ],
  ])('%s', (_, given, expected) => {
    expect(found(given)).toEqual(expected);
  });

  it('is the mean of arrivals for some time, not the last value', () => {
    expect(found({ past: steady(10), samples: load(10.5, 0) })[0]).toBeLessThan(10.1);
  });

  it('follows the last seconds where a long queue has built up', () => {
    const burst = steady(10).map((each, i) =>
      i < 117 ? each : { ...each, signals: seenValues({ arrivals_per_second: 50 }) },
    );
    const given = (queued: number) => ({ ready: 1, current: 1, past: burst, samples: load(50, queued) });
    const patient = queuedWorkPolicy({ drainBacklogSeconds: 1e12 });
    const [busy] = found(given(1e6), patient);
    const [calm] = found(given(0), patient);
    expect(Number(busy)).toBeGreaterThan(1.5 * Number(calm));
  });

  it('adds a trend that rises, and none that does not', () => {
    const rising = Array.from({ length: 120 }, (_, i) =>
      decisionOf(600 - 5 * i, { signals: seenValues({ arrivals_per_second: 40 + i }) }),
    );
    const with_ = queuedWorkPolicy({ trend: true });
    const given = { ready: 30, current: 30, samples: load(160, 0) };
    const [more] = found({ ...given, past: rising }, with_);
    const [less] = found({ ...given, past: rising });
    expect(Number(more)).toBeGreaterThan(Number(less));
    expect(found({ ...given, past: steady(160) }, with_)).toEqual(found({ ...given, past: steady(160) }));
  });

  it.each([
    ['stale', { chunks_per_second_per_replica: sample(2, 99) }],
    ['missing', { chunks_per_second_per_replica: missing() }],
  ])('keeps the speed it knew when it is %s', (_, speed) => {
    const past = steady(24, { chunks_per_second_per_replica: 2 });
    expect(found({ ready: 20, past, samples: { ...load(24, 0), ...speed } })).toEqual([24, 2]);
  });
});

describe('the vote', () => {
  it.each<[string, Partial<Peer>]>([
    ['at the same price', { chunksPerSecond: 100, pricePerHour: 5 }],
    ['of the same kind', {}],
  ])('comes to all of the work together with that of another group %s', (_, other) => {
    const work = { samples: load(20, 0), current: 0, ready: 0 };
    const small = { group: 'a', min: 0, max: 10, current: 0, ready: 0, chunksPerSecond: 10, pricePerHour: 1 };
    const large = { ...small, group: 'b', ...other };
    const part = (own: typeof small, another: typeof small) => {
      const { group, pricePerHour, chunksPerSecond: classChunksPerSecond } = own;
      const context = { ...work, group, pricePerHour, classChunksPerSecond, peers: [peer(another)] };
      const vote = queuedWork(queuedWorkPolicy(), policyContext(context));
      return vote.kind === 'wants' ? vote.replicas * own.chunksPerSecond * 0.8 : Number.NaN;
    };
    expect(part(small, large) + part(large, small)).toBeCloseTo(20 + 1_200 / 180, 6);
  });

  it('is demand over the planned speed, and orders head-room', () => {
    const vote = queuedWork(queuedWorkPolicy({ headroom: 1.5 }), policyContext({ samples: load(24, 0, 10) }));
    expect(vote).toEqual({
      kind: 'wants',
      policy: 'work',
      replicas: 3,
      order: 4.5,
      tolerance: { out: 0, in: 0 },
      because: '24.0 chunks/s and 0.0 for the backlog over 8.0 per replica',
      figures: {
        arrivals_chunks_per_second: 24,
        queued_chunks: 0,
        expected_backlog_chunks: 0,
        drain_seconds: 180,
        drain_chunks_per_second: 0,
        trend_chunks_per_second: 0,
        served_chunks_per_second: 40,
        demand_chunks_per_second: 24,
        replica_chunks_per_second: 10,
        planned_replica_chunks_per_second: 8,
        own_part_ratio: 1,
        needed_replicas: 3,
      },
    });
  });

  it.each([
    ['nothing, while another group does it at a lower price', 0.1, 0],
    ['everything, while it is the cheapest', 10, 3],
  ])('is %s', (_, pricePerHour, replicas) => {
    const peers = [peer({ current: 0, ready: 0, pricePerHour })];
    const vote = queuedWork(
      queuedWorkPolicy(),
      policyContext({ current: 0, ready: 0, peers, samples: load(24, 0) }),
    );
    // 24/s that arrive and what queues until something is ready.
    expect(vote).toMatchObject({ replicas: replicas && expect.closeTo(4, 6) });
  });
});
