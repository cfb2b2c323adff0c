import fc from 'fast-check';
import {
  backlog,
  cpuThreshold,
  cpuTracking,
  groupSettings,
  queuedWorkPolicy,
} from '../values/group-settings.test-support.ts';
import type { GroupSettings, PolicySettings, VelocitySettings } from '../values/group-settings.ts';
import type { Samples } from '../values/sample.ts';
import type { DecideInput } from './decide.ts';
import { decide } from './decide.ts';
import { decideInput, missing, NOW_MS, sample } from './decision.test-support.ts';

/** Signals that every policy below is about; all grow with load. */
export const LOAD_SIGNALS = ['queue', 'cpu_percent', 'queued_chunks', 'arrivals_per_second'] as const;

/** Signals at one moment; `undefined` where one is lost. */
export type Load = Readonly<Record<(typeof LOAD_SIGNALS)[number], number | undefined>>;

/** Every type of policy, none of which is told anything but load; `schedule` is open for three replicas. */
export const POLICIES: Readonly<Record<string, PolicySettings>> = {
  'queued-work': queuedWorkPolicy({ headroom: 1.15, tolerance: { out: 0.2, in: 0.15 } }),
  'target-tracking': cpuTracking(),
  'target-tracking of a total': cpuTracking({ name: 'total', of: 'total', signal: 'queue', target: 3 }),
  step: {
    type: 'step',
    name: 'steps',
    weight: 1,
    signal: 'queue',
    steps: [
      { change: { type: 'percent', value: -30 } },
      { from: 1, change: { type: 'percent', value: 10 } },
      { from: 20, change: { type: 'replicas', value: 3 } },
    ],
  },
  'request-rate': { type: 'request-rate', name: 'rate', weight: 2, signal: 'queue', perReplica: 5 },
  backlog: backlog(),
  threshold: cpuThreshold(),
  'jobs-per-host': {
    type: 'jobs-per-host',
    name: 'jobs',
    weight: 1,
    signal: 'queue',
    formula: 'sqrt',
    margin: 2,
    jobsPerHost: 7,
  },
  schedule: {
    type: 'schedule',
    name: 'office',
    weight: 1,
    timeZone: 'UTC',
    windows: [{ days: [], fromMinute: 0, toMinute: 600, replicas: 3 }],
  },
};

export const SIGNAL_POLICIES: readonly PolicySettings[] = Object.values(POLICIES).filter(
  ({ type }) => type !== 'schedule',
);

export function samplesOf(load: Load): Samples {
  return Object.fromEntries(
    LOAD_SIGNALS.map((name) => {
      const value = load[name];
      return [name, value === undefined ? missing() : sample(value)];
    }),
  );
}

const seconds = fc.constantFrom(0, 0, 20, 60);

const velocity: fc.Arbitrary<VelocitySettings> = fc.record({
  rules: fc.array(
    fc.record({
      type: fc.constantFrom('percent' as const, 'replicas' as const),
      value: fc.integer({ min: 1, max: 100 }).map((value) => value),
      periodSeconds: fc.constantFrom(15, 60),
    }),
    { maxLength: 2 },
  ),
  select: fc.constantFrom('max' as const, 'min' as const),
});

/** Settings of any kind with these policies, or with one to three of all. */
export function anySettings(policies?: readonly PolicySettings[]): fc.Arbitrary<GroupSettings> {
  const some = fc.subarray([...(policies ?? Object.values(POLICIES))], { minLength: 1, maxLength: 3 });
  return fc
    .record({
      policies: some,
      combine: fc.constantFrom('max' as const, 'any' as const, 'all' as const, 'weighted' as const),
      min: fc.integer({ min: 0, max: 3 }),
      more: fc.integer({ min: 0, max: 20 }),
      stabilizationSeconds: fc.record({ out: seconds, in: seconds }),
      cooldownSeconds: fc.record({ out: seconds, in: seconds }),
      velocity: fc.record({ out: velocity, in: velocity }),
    })
    .map(({ more, ...each }) => groupSettings({ ...each, initial: each.min, max: each.min + more }));
}

const value = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 100 }),
  fc.double({ min: 0, max: 30, noNaN: true }),
);

/** All signals known. */
export const anyLoad: fc.Arbitrary<Load> = fc.record({
  queue: value,
  cpu_percent: value,
  queued_chunks: value,
  arrivals_per_second: value,
});

/** Loads of the last ticks, 5 s apart, the oldest first: up to 100 s. */
export const anyPastLoads: fc.Arbitrary<readonly Load[]> = fc.array(anyLoad, { maxLength: 20 });

/** Whatever stands beside policies: counts, hands, pauses, a platform that does not answer. */
export const anyCircumstances: fc.Arbitrary<Partial<DecideInput>> = fc
  .record({
    current: fc.option(fc.integer({ min: 0, max: 25 }), { nil: undefined, freq: 15 }),
    ready: fc.integer({ min: 0, max: 25 }),
    starting: fc.integer({ min: 0, max: 4 }),
    lastScaling: fc.option(fc.integer({ min: -100, max: 100 })),
    manual: fc.option(
      fc.record({ target: fc.integer({ min: 0, max: 40 }), for: fc.integer({ min: -30, max: 30 }) }),
      {
        nil: undefined,
        freq: 5,
      },
    ),
    pausedIn: fc.constantFrom(false, false, false, true),
    pausedOut: fc.constantFrom(false, false, false, true),
    blocked: fc.constantFrom(undefined, undefined, undefined, 'no answer'),
    dryRun: fc.boolean(),
  })
  .map(({ current, ready, starting, lastScaling, manual, pausedIn, pausedOut, blocked, dryRun }) => ({
    current,
    ready: current === undefined ? ready : Math.min(ready, current),
    startingAgesSeconds: Array.from({ length: starting }, (_, i) => 10 * i),
    changes: lastScaling === null ? [] : [{ atMs: NOW_MS - lastScaling * 1_000, from: 3, to: 4 }],
    manual: manual && { target: manual.target, reason: 'a test', untilMs: NOW_MS + manual.for * 1_000 },
    paused: { in: pausedIn, out: pausedOut },
    blocked,
    dryRun,
  }));

/** Circumstances without hands, pauses and failures: policies decide. */
export const calm: Partial<DecideInput> = {
  manual: undefined,
  paused: { in: false, out: false },
  blocked: undefined,
  dryRun: false,
};

/** An input whose past was decided on `pastLoads`, each with the same count as now. */
export function inputAfter(
  settings: GroupSettings,
  pastLoads: readonly Load[],
  load: Load,
  given: Partial<DecideInput>,
): DecideInput {
  const past = pastLoads.map((each, i) => {
    const atMs = NOW_MS - (pastLoads.length - i) * 5_000;
    const then = decideInput({
      settings,
      ...given,
      ...calm,
      nowMs: atMs,
      samples: samplesOf(each),
      past: [],
    });
    const decided = decide(then);
    return { ...decided, target: decided.current };
  });
  return decideInput({ settings, ...given, samples: samplesOf(load), past });
}
