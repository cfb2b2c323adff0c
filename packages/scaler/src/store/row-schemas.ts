import { z } from 'zod';
import type { Decision } from '../values/decision.ts';
import { END_CAUSES } from '../values/replica.ts';
import type { ReplicaReport } from '../values/replica-report.ts';
import type { LeaseRow } from './lease-row.ts';
import type { ManualScale, ScalingEvent, StoredReplica } from './store.ts';

/** JSON has no word for these; they are written as strings. */
const NOT_IN_JSON = ['Infinity', '-Infinity', 'NaN'] as const;

/** The text of a JSON column. */
export function toJsonColumn(value: unknown): string {
  const text = JSON.stringify(value);
  // Such a number becomes null, which nothing here is otherwise; the replacer makes it several times slower.
  return text.includes('null') ? JSON.stringify(value, nameNumber) : text;
}

function nameNumber(_key: string, part: unknown): unknown {
  return typeof part === 'number' && !Number.isFinite(part) ? String(part) : part;
}

const number = z.union([z.number(), z.enum(NOT_IN_JSON).transform(Number)]);

const leaving = z.object({ because: z.string(), deadlineMs: number.exactOptional() }).exactOptional();

const replicaState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('launching') }),
  z.object({ kind: z.literal('ready'), readyAtMs: number, leaving }),
  z.object({
    kind: z.literal('draining'),
    sinceMs: number,
    deadlineMs: number,
    leaving,
    unready: z.literal(true).exactOptional(),
  }),
  z.object({
    kind: z.literal('unhealthy'),
    sinceMs: number,
    by: z.enum(['list', 'itself']),
    because: z.string(),
  }),
  z.object({
    kind: z.literal('terminating'),
    sinceMs: number,
    cause: z.enum(END_CAUSES),
    because: z.string(),
  }),
]);

export const replicasColumn: z.ZodType<readonly StoredReplica[]> = z.array(
  z.object({
    id: z.string(),
    group: z.string(),
    url: z.string().exactOptional(),
    machine: z.string().exactOptional(),
    launchedAtMs: number,
    seenAtMs: number.exactOptional(),
    saidReadyAtMs: number.exactOptional(),
    heardAtMs: number.exactOptional(),
    state: replicaState,
  }),
);

const report = { about: z.string(), because: z.string(), atMs: number };

export const reportColumn: z.ZodType<ReplicaReport> = z.discriminatedUnion('kind', [
  z.object({ ...report, kind: z.literal('ready'), url: z.string().exactOptional() }),
  z.object({ ...report, kind: z.literal('unhealthy') }),
  z.object({ ...report, kind: z.literal('leaving'), deadlineMs: number.exactOptional() }),
]);

export const manualColumn: z.ZodType<ManualScale> = z.object({
  target: number,
  reason: z.string(),
  untilMs: number,
});

export const scalingEventColumn: z.ZodType<ScalingEvent> = z.object({
  group: z.string(),
  atMs: number,
  from: number,
  to: number,
  reason: z.string(),
});

const seenSignal = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('value'), value: number, ageSeconds: number }),
  z.object({ kind: z.literal('stale'), value: number, ageSeconds: number }),
  z.object({ kind: z.literal('missing'), reason: z.string(), ageSeconds: number }),
]);

const vote = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('wants'),
    policy: z.string(),
    replicas: number,
    order: number,
    tolerance: z.object({ out: number, in: number }),
    because: z.string(),
    // Records of before there were any have none.
    figures: z.record(z.string(), number).exactOptional(),
  }),
  z.object({
    kind: z.literal('abstains'),
    policy: z.string(),
    because: z.string(),
    lostSignal: z.boolean(),
  }),
]);

const countedVote = z.object({
  vote,
  target: number,
  held: z
    .object({
      by: z.enum(['tolerance', 'stabilization']),
      because: z.string(),
      untilMs: number.exactOptional(),
    })
    .exactOptional(),
});

export const decisionColumn: z.ZodType<Decision> = z.object({
  group: z.string(),
  decidedAtMs: number,
  current: number,
  target: number,
  ready: number,
  starting: number,
  draining: number,
  signals: z.record(z.string(), seenSignal),
  votes: z.array(countedVote),
  wanted: number,
  limits: z.array(
    z.object({
      name: z.string(),
      from: number,
      to: number,
      because: z.string(),
      untilMs: number.exactOptional(),
    }),
  ),
  reason: z.string(),
  dryRun: z.boolean(),
});

/** A row of `groups`, its JSON columns still text. */
export interface GroupColumns {
  readonly desired: number | null;
  readonly replicas: string;
  readonly manual: string | null;
  readonly paused_in: number;
  readonly paused_out: number;
  readonly last_scaling: string | null;
}

export const groupRow: z.ZodType<GroupColumns> = z.object({
  desired: z.number().nullable(),
  replicas: z.string(),
  manual: z.string().nullable(),
  paused_in: z.number(),
  paused_out: z.number(),
  last_scaling: z.string().nullable(),
});

export const leaseRow: z.ZodType<LeaseRow> = z
  .object({ holder: z.string(), epoch: z.number(), until_ms: z.number(), ttl_ms: z.number() })
  .transform(({ holder, epoch, until_ms, ttl_ms }) => ({ holder, epoch, untilMs: until_ms, ttlMs: ttl_ms }));
