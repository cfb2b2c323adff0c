import { z } from 'zod';
import { replicaId } from '../drivers/ecs/replica-id.ts';
import type { ReplicaReport } from '../values/replica-report.ts';

/** What a message of a queue comes to. */
export type ParsedNotice =
  | { readonly kind: 'reports'; readonly reports: readonly Leaving[] }
  /** Of a kind that is known, and says nothing that matters here, such as an instance that runs. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown'; readonly detailType: string }
  | { readonly kind: 'broken'; readonly problem: string };

type Leaving = Extract<ReplicaReport, { readonly kind: 'leaving' }>;

/** What a notice says of each machine or task: its id, why, and when it is gone if that is known. */
type Says = readonly {
  readonly about: string;
  readonly because: string;
  readonly deadlineMs?: number;
}[];

/** Time between a warning of AWS and the end, for spot instances and Fargate Spot. */
const WARNING_MS = 120_000;
/** A change that AWS has scheduled for later than this is advice: the host is replaced now, and needs no date. */
const SOON_MS = 3_600_000;

const event = z.object({
  'detail-type': z.string(),
  time: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  detail: z.unknown(),
});
/** What SNS makes of an event on its way to the queue, unless raw delivery is on. */
const wrapped = z.object({ Type: z.literal('Notification'), Message: z.string() });

/** A kind of event: the fields that it must have, and what they say. */
function kind<Schema extends z.ZodType>(
  schema: Schema,
  says: (detail: z.output<Schema>, times: { readonly atMs: number; readonly nowMs: number }) => Says,
): (
  detail: unknown,
  times: { readonly atMs: number; readonly nowMs: number },
) => Says | { readonly problem: string } {
  return (detail, times) => {
    const parsed = schema.safeParse(detail);
    if (parsed.success) return says(parsed.data, times);
    const [issue] = parsed.error.issues;
    return { problem: `detail.${issue?.path.join('.')}: ${issue?.message}` };
  };
}

const ENDING_STATES: readonly string[] = ['shutting-down', 'stopping', 'stopped', 'terminated'];
const SPOT_STOP_CODES: readonly (string | undefined)[] = ['SpotInterruption', 'TerminationNotice'];

/** By `detail-type`. */
const KINDS = new Map([
  [
    'EC2 Spot Instance Interruption Warning',
    kind(
      z.object({ 'instance-id': z.string(), 'instance-action': z.string().default('terminate') }),
      (detail, { atMs }) => [
        {
          about: detail['instance-id'],
          because: `spot interruption: ${detail['instance-action']}`,
          deadlineMs: atMs + WARNING_MS,
        },
      ],
    ),
  ],
  [
    'EC2 Instance Rebalance Recommendation',
    kind(z.object({ 'instance-id': z.string() }), (detail) => [
      { about: detail['instance-id'], because: 'rebalance recommendation' },
    ]),
  ],
  [
    'EC2 Instance State-change Notification',
    kind(z.object({ 'instance-id': z.string(), state: z.string() }), (detail, { atMs }) =>
      ENDING_STATES.includes(detail.state)
        ? [{ about: detail['instance-id'], because: `the instance is ${detail.state}`, deadlineMs: atMs }]
        : [],
    ),
  ],
  [
    'AWS Health Event',
    kind(
      z.object({
        service: z.string(),
        eventTypeCategory: z.string(),
        eventTypeCode: z.string().default('a scheduled change'),
        statusCode: z.string().optional(),
        startTime: z.string().optional(),
        affectedEntities: z.array(z.object({ entityValue: z.string() })).default([]),
      }),
      (detail, { nowMs }) => {
        const { service, eventTypeCategory, eventTypeCode, statusCode, startTime = '' } = detail;
        if (service !== 'EC2' || eventTypeCategory !== 'scheduledChange' || statusCode === 'closed')
          return [];
        const startMs = Date.parse(startTime);
        const isSoon = startMs - nowMs <= SOON_MS;
        return detail.affectedEntities
          .filter(({ entityValue }) => entityValue.startsWith('i-'))
          .map(({ entityValue: about }) => ({
            about,
            because: `scheduled by AWS: ${eventTypeCode}`,
            ...(isSoon && { deadlineMs: startMs }),
          }));
      },
    ),
  ],
  [
    'ECS Task State Change',
    kind(
      z.object({
        taskArn: z.string(),
        group: z.string().default(''),
        stopCode: z.string().optional(),
        lastStatus: z.string().optional(),
        stoppedReason: z.string().optional(),
      }),
      ({ taskArn, group, stopCode, lastStatus, stoppedReason }, { atMs }) => {
        const id = taskArn.split('/').at(-1) ?? '';
        if (!SPOT_STOP_CODES.includes(stopCode) || id === '') return [];
        const [, service] = /^service:(.+)$/.exec(group) ?? [];
        const about = service === undefined ? id : replicaId(service, taskArn);
        const because = `spot interruption of the task: ${stoppedReason ?? stopCode}`;
        return [{ about, because, deadlineMs: lastStatus === 'RUNNING' ? atMs + WARNING_MS : atMs }];
      },
    ),
  ],
  [
    'EC2 Instance-terminate Lifecycle Action',
    kind(
      z.object({ EC2InstanceId: z.string(), AutoScalingGroupName: z.string().default('?') }),
      (detail, { atMs }) => [
        {
          about: detail.EC2InstanceId,
          because: `Auto Scaling group ${detail.AutoScalingGroupName} ends it`,
          // How long its lifecycle hook waits the event doesn't say; the group ends it when our driver does, or then.
          deadlineMs: atMs + WARNING_MS,
        },
      ],
    ),
  ],
]);

/** Kinds of events that are understood. */
export const NOTICE_KINDS: readonly string[] = [...KINDS.keys()];

/** Reads one message: an event of EventBridge, as it is or in the envelope of SNS. */
export function parseNotice(body: string, nowMs: number): ParsedNotice {
  const parsed = event.safeParse(unwrapped(parsedJson(body)));
  if (!parsed.success) return { kind: 'broken', problem: 'it is no event of EventBridge' };
  const { 'detail-type': detailType, time, detail } = parsed.data;
  const read = KINDS.get(detailType);
  if (read === undefined) return { kind: 'unknown', detailType };
  const says = read(detail, { atMs: time, nowMs });
  if ('problem' in says) return { kind: 'broken', problem: `${detailType}: ${says.problem}` };
  if (says.length === 0) return { kind: 'nothing' };
  // An event of the future would make the store forget all others.
  const atMs = Math.min(time, nowMs);
  const reports = says.map(
    ({ because, ...said }): Leaving => ({ kind: 'leaving', because: because.slice(0, 500), atMs, ...said }),
  );
  const wrong = reports.find(({ about }) => !/^[\x21-\x7e]{1,256}$/.test(about));
  if (wrong !== undefined) return { kind: 'broken', problem: `${detailType}: it is about no id` };
  return { kind: 'reports', reports };
}

function unwrapped(value: unknown): unknown {
  const envelope = wrapped.safeParse(value);
  return envelope.success ? parsedJson(envelope.data.Message) : value;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
