import { z } from 'zod';
import type { GroupSettings } from '../values/group-settings.ts';
import { CLASS_NAMES, CLASS_RATES } from './class-rates.ts';
import { GROUP_DEFAULTS } from './defaults.ts';
import { choice, closed, flag, integer, list, name, number, positive, seconds } from './fields.ts';
import { policySchema } from './policy-schema.ts';
import { DRIVER_NAMES, type DriverName, type DriverOptions } from './scaler-config.ts';

const velocityRule = z.discriminatedUnion(
  'type',
  [
    closed({
      type: z.literal('percent').describe('of the count at the start of the period'),
      value: number(0, 100_000),
      periodSeconds: seconds(1, 3600),
    }),
    closed({ type: z.literal('replicas'), value: integer(0, 10_000), periodSeconds: seconds(1, 3600) }),
  ],
  { error: 'must be a rule like {type: replicas, value: 4, periodSeconds: 60}; types: percent, replicas' },
);

const velocity = () =>
  closed({
    rules: list(velocityRule, 'rules', 0, 20).default([]).describe('none: no limit'),
    select: choice(['max', 'min'])
      .default(GROUP_DEFAULTS.velocitySelect)
      .describe('of several rules the one that allows most (max) or least (min)'),
  });

/** `out` and `in`; with a default each, one can be given alone. */
function directions<Out extends z.ZodType, In extends z.ZodType>(out: Out, inwards: In) {
  return closed({ out, in: inwards });
}

const fields = closed({
  name: name().default('default').describe('how API, log and metrics call it'),
  class: choice(CLASS_NAMES)
    .default(GROUP_DEFAULTS.class)
    .describe('what its replicas are; decides on the first guess of speed and price'),
  enabled: flag()
    .default(GROUP_DEFAULTS.enabled)
    .describe('false: not scaled by policies, as if paused; a count set by hand still holds'),
  driver: choice(DRIVER_NAMES).optional().describe("who starts and stops its replicas, default: the file's"),
  driverOptions: z
    .record(z.string(), z.unknown(), { error: "must be a mapping of the driver's options" })
    .default({})
    .describe("the driver's options for this group, over those under drivers"),
  min: integer(0, 10_000)
    .optional()
    .describe(
      `never fewer; 0 lets it scale to zero; default: ${GROUP_DEFAULTS.min}, or max where that is less`,
    ),
  initial: integer(0, 10_000).optional().describe('at the first start, default: min'),
  max: integer(1, 10_000).default(GROUP_DEFAULTS.max).describe('never more'),
  intervalSeconds: seconds(1, 3600).default(GROUP_DEFAULTS.intervalSeconds).describe('between decisions'),
  policies: list(policySchema, 'policies', 0, 50)
    .prefault([{ type: 'queued-work' }])
    .describe('what asks for replicas, default: one of type queued-work'),
  combine: choice(['max', 'any', 'all', 'weighted'])
    .default(GROUP_DEFAULTS.combine)
    .describe('how the votes of several policies become one need'),
  stabilizationSeconds: directions(
    seconds(0).default(GROUP_DEFAULTS.stabilizationOutSeconds),
    seconds(0).default(GROUP_DEFAULTS.stabilizationInSeconds),
  )
    .prefault({})
    .describe('out: the smallest vote of this time counts; in: the largest, and none so soon after a change'),
  steepFall: closed({
    part: number(0, 0.99)
      .default(GROUP_DEFAULTS.steepFallPart)
      .describe('a vote for at most this part of the count; 0: none'),
    seconds: seconds(0).default(GROUP_DEFAULTS.steepFallSeconds).describe('the window that is enough for it'),
  })
    .prefault({})
    .describe('a shorter window on the way in where far fewer are needed'),
  flapping: closed({
    growth: number(1, 10).default(GROUP_DEFAULTS.flappingGrowth).describe('1: the window stays as it is'),
    withinSeconds: seconds(1)
      .default(GROUP_DEFAULTS.flappingWithinSeconds)
      .describe('a cut that is taken back sooner came too early'),
    longestSeconds: seconds(1)
      .default(GROUP_DEFAULTS.flappingLongestSeconds)
      .describe('the window grows no further'),
  })
    .prefault({})
    .describe('how the window on the way in grows when cuts come too early'),
  cooldownSeconds: directions(
    seconds(0).default(GROUP_DEFAULTS.cooldownOutSeconds),
    seconds(0).default(GROUP_DEFAULTS.cooldownInSeconds),
  )
    .prefault({})
    .describe('time after a change, whatever its direction, before the next one out or in'),
  velocity: directions(velocity().prefault({}), velocity().prefault({}))
    .prefault({})
    .describe(
      'most change in a time: for out and in rules and select, default: no limit; a cut it slows needs no new window',
    ),
  startup: closed({
    expectedSeconds: number(0, 86_400)
      .default(GROUP_DEFAULTS.expectedStartupSeconds)
      .describe('launch to ready, until it is learned'),
    timeoutSeconds: number(1, 86_400)
      .default(GROUP_DEFAULTS.startupTimeoutSeconds)
      .describe('a replica that starts for longer is replaced'),
  })
    .prefault({})
    .describe('launch to ready'),
  drainSeconds: seconds(0)
    .default(GROUP_DEFAULTS.drainSeconds)
    .describe('longest wait for a draining replica to become empty'),
  unhealthySeconds: seconds(1)
    .default(GROUP_DEFAULTS.unhealthySeconds)
    .describe('an unhealthy replica is ended when it is empty, or after this time (document 001: 12 h)'),
  staleAfterSeconds: seconds(1)
    .default(GROUP_DEFAULTS.staleAfterSeconds)
    .describe(
      'a signal older than this counts as missing; one whose source publishes seldom (CloudWatch) may be older',
    ),
  chunksPerSecond: positive(1_000_000_000)
    .optional()
    .describe("what one replica does until it is learned, default: its class's"),
  pricePerHour: number(0, 1_000_000).optional().describe("what one replica costs, default: its class's"),
});

const filled = fields.transform(({ driver, driverOptions, ...group }) => {
  const min = group.min ?? Math.min(GROUP_DEFAULTS.min, group.max);
  const { chunksPerSecond, pricePerHour } = CLASS_RATES[group.class];
  return {
    driver,
    driverOptions,
    settings: {
      ...group,
      min,
      initial: group.initial ?? min,
      chunksPerSecond: group.chunksPerSecond ?? chunksPerSecond,
      pricePerHour: group.pricePerHour ?? pricePerHour,
    },
  };
});

/** A group of the file; its driver is still the file's where it names none. */
export interface ParsedGroup {
  readonly settings: GroupSettings;
  readonly driver: DriverName | undefined;
  readonly driverOptions: DriverOptions;
}

/** Does not compile unless the schema makes exactly what `GroupSettings` says (whose `class` may be any text). */
type Same<Schema extends Type, Type> = keyof Schema extends keyof Type ? Type : never;
const checked: z.ZodType<
  Omit<ParsedGroup, 'settings'> & { settings: Same<z.output<typeof filled>['settings'], GroupSettings> }
> = filled;

/** One group as people write it, completed with the defaults. Rules between fields: `group-rules.ts`. */
export const groupSchema: z.ZodType<ParsedGroup> = checked;
