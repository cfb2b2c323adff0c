import { z } from 'zod';
import type { PolicySettings } from '../values/group-settings.ts';
import { POLICY_DEFAULTS } from './defaults.ts';
import {
  choice,
  closed,
  didYouMean,
  flag,
  integer,
  list,
  name,
  number,
  positive,
  signalName,
  text,
} from './fields.ts';
import { nearestName } from './nearest-name.ts';

const LARGEST = 1_000_000_000;

/** A value of a signal that something is compared with. */
const level = () => number(0, LARGEST);

/** What every policy has; `type` names it where no `name` does. */
function base<const Type extends string>(type: Type) {
  return {
    type: z.literal(type),
    name: name().default(type).describe('what votes and log lines call it'),
    weight: number(0, 1000)
      .default(POLICY_DEFAULTS.weight)
      .describe('how much its vote counts under combine: weighted'),
  };
}

/** Part of the count that a vote may differ by before anything happens. */
function tolerance(out: number, inward: number) {
  return closed({ out: number(0, 10).default(out), in: number(0, 0.99).default(inward) })
    .prefault({})
    .describe('part of the count that the vote may differ before anything happens: 0.2 is 20 %');
}

const queuedWork = closed({
  ...base('queued-work'),
  utilization: positive(1)
    .default(POLICY_DEFAULTS.utilization)
    .describe("part of a replica's speed that is planned with: 0.8 leaves a fifth in reserve"),
  drainBacklogSeconds: number(1, 86_400)
    .default(POLICY_DEFAULTS.drainBacklogSeconds)
    .describe('a backlog shall be worked off in this time, or in three start-ups where that is more'),
  trend: flag()
    .default(POLICY_DEFAULTS.trend)
    .describe('whether a rising load is extended to when new replicas are ready'),
  headroom: number(1, 10)
    .default(POLICY_DEFAULTS.headroom)
    .describe('ordered for the demand, and kept on the way in: 1.25 is a quarter more'),
  tolerance: tolerance(POLICY_DEFAULTS.toleranceOut, POLICY_DEFAULTS.toleranceIn),
}).describe('arrivals, backlog and trend over what one replica does: the policy for embedding');

const targetTracking = closed({
  ...base('target-tracking'),
  signal: signalName().describe('what to hold at the target'),
  target: positive(LARGEST).describe('the value to hold'),
  of: choice(['each', 'total'])
    .default('each')
    .describe(
      'each: the signal is a mean over replicas. total: it is a sum, the target is what one may have',
    ),
  tolerance: tolerance(POLICY_DEFAULTS.trackingTolerance, POLICY_DEFAULTS.trackingTolerance),
}).describe('replicas x value / target, as the Kubernetes HPA calculates');

const change = z
  .discriminatedUnion(
    'type',
    [
      closed({ type: z.literal('replicas'), value: integer(-10_000, 10_000) }),
      closed({ type: z.literal('percent'), value: number(-100, 10_000) }),
      closed({ type: z.literal('exactly'), value: integer(0, 10_000) }),
    ],
    { error: 'must be a change like {type: replicas, value: 2}; types are replicas, percent and exactly' },
  )
  .describe('replicas: that many more (below 0: fewer). percent: of the current count. exactly: that count');

const step = closed({
  ...base('step'),
  signal: signalName().describe('what the bands are of'),
  steps: list(
    closed({
      from: z.exactOptional(
        number(-LARGEST, LARGEST).describe('the band begins here, included; absent: everything below'),
      ),
      change,
    }),
    'steps',
    1,
    50,
  ).describe('the highest band that the signal reaches says what changes'),
}).describe('another change for each band of a signal');

const requestRate = closed({
  ...base('request-rate'),
  signal: signalName().default('requests_per_second').describe('the rate'),
  perReplica: positive(LARGEST).describe('what one replica shall take'),
}).describe('a rate over what one replica shall take');

const backlog = closed({
  ...base('backlog'),
  signal: signalName().default('queued_chunks').describe('what waits'),
  perReplica: positive(LARGEST).describe('how much of it one replica may have'),
}).describe('a queue over what one replica may have waiting; the first item starts the first replica');

const threshold = closed({
  ...base('threshold'),
  signal: signalName().describe('what is compared'),
  above: level().describe('above it the count is multiplied by outFactor'),
  outFactor: number(0, 100).default(POLICY_DEFAULTS.outFactor).describe('1.5 makes 3 of 2'),
  below: level().describe('below it the count is multiplied by inFactor'),
  inFactor: number(0, 100).default(POLICY_DEFAULTS.inFactor).describe('0.75 makes 3 of 4'),
}).describe('a factor above one value, another below a second one (document 004)');

const jobsPerHost = closed({
  ...base('jobs-per-host'),
  signal: signalName().describe('the number of jobs'),
  formula: choice(['sqrt', 'linear'])
    .default(POLICY_DEFAULTS.formula)
    .describe('sqrt: n + margin x root of n. linear: n x margin'),
  margin: number(0, 100).default(POLICY_DEFAULTS.margin).describe('2 suits sqrt; for linear say 1.3'),
  jobsPerHost: positive(1_000_000).describe('how many jobs one host takes'),
}).describe('jobs and a margin over what one host takes (document 001)');

const minute = () => integer(0, 1440);

const schedule = closed({
  ...base('schedule'),
  timeZone: text('a time zone such as Europe/Berlin')
    .refine(isTimeZone, { error: 'must be a time zone such as Europe/Berlin' })
    .default(POLICY_DEFAULTS.timeZone)
    .describe('of the windows'),
  windows: list(
    closed({
      days: list(integer(0, 6), 'days, 0 for Sunday', 0, 7)
        .default([])
        .describe('0 is Sunday; none: every day'),
      fromMinute: minute().describe('minutes since midnight: 540 is 9:00'),
      toMinute: minute().describe('an end before its start is on the next day'),
      replicas: integer(0, 10_000).describe('at least that many'),
    }),
    'windows',
    1,
    100,
  ).describe('when, and how many'),
}).describe('at least so many replicas at these times');

const POLICIES = [
  queuedWork,
  targetTracking,
  step,
  requestRate,
  backlog,
  threshold,
  jobsPerHost,
  schedule,
] as const;

/** The types of policies. */
export const POLICY_TYPES: readonly PolicySettings['type'][] = POLICIES.map(({ shape }) => shape.type.value);

const anyPolicy = z.discriminatedUnion('type', POLICIES, {
  error: ({ input }) => {
    const type = typeof input === 'object' && input !== null && 'type' in input ? String(input.type) : '';
    const meant = type === '' ? undefined : nearestName(type, POLICY_TYPES);
    return `must be one of ${POLICY_TYPES.join(', ')}${didYouMean(meant)}`;
  },
});

/** Does not compile unless schema and type say the same. */
type Same<Schema, Type> = [Schema] extends [Type] ? ([Type] extends [Schema] ? Type : never) : never;
const checked: z.ZodType<Same<z.output<typeof anyPolicy>, PolicySettings>> = anyPolicy;

/** One policy of a group, as people write it: `type`, its own fields, and defaults for the rest. */
export const policySchema: z.ZodType<PolicySettings> = checked;

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    // A RangeError is how Intl says no.
    return false;
  }
}
