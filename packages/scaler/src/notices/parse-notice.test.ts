import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NOTICE_KINDS, parseNotice } from './parse-notice.ts';

const AT_MS = Date.UTC(2027, 0, 15, 8);
const NOW_MS = AT_MS + 5_000;
const ID = 'i-0123456789abcdef0';

function body(detailType: string, detail: unknown, time = '2027-01-15T08:00:00Z'): string {
  return JSON.stringify({ version: '0', id: 'x', 'detail-type': detailType, source: 'aws', time, detail });
}

const health = (over: object = {}) => ({
  service: 'EC2',
  eventTypeCategory: 'scheduledChange',
  eventTypeCode: 'AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED',
  startTime: 'Fri, 22 Jan 2027 08:00:00 GMT',
  affectedEntities: [{ entityValue: ID }, { entityValue: 'vol-1' }],
  ...over,
});
const task = (over: object = {}) => ({
  taskArn: 'arn:aws:ecs:eu-west-1:1:task/cluster/0a1b',
  stopCode: 'SpotInterruption',
  lastStatus: 'RUNNING',
  stoppedReason: 'Your Spot Task was interrupted.',
  ...over,
});

it.each<[string, unknown, object]>([
  [
    'EC2 Spot Instance Interruption Warning',
    { 'instance-id': ID, 'instance-action': 'terminate' },
    { about: ID, because: 'spot interruption: terminate', deadlineMs: AT_MS + 120_000 },
  ],
  [
    'EC2 Instance Rebalance Recommendation',
    { 'instance-id': ID },
    { about: ID, because: 'rebalance recommendation' },
  ],
  ...['shutting-down', 'stopping', 'stopped', 'terminated'].map((state): [string, unknown, object] => [
    'EC2 Instance State-change Notification',
    { 'instance-id': ID, state },
    { about: ID, because: `the instance is ${state}`, deadlineMs: AT_MS },
  ]),
  [
    'AWS Health Event',
    health(),
    { about: ID, because: 'scheduled by AWS: AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED' },
  ],
  [
    'AWS Health Event',
    health({ startTime: 'Fri, 15 Jan 2027 08:30:00 GMT' }),
    {
      about: ID,
      because: 'scheduled by AWS: AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED',
      deadlineMs: AT_MS + 1_800_000,
    },
  ],
  [
    'ECS Task State Change',
    task(),
    {
      about: '0a1b',
      because: 'spot interruption of the task: Your Spot Task was interrupted.',
      deadlineMs: AT_MS + 120_000,
    },
  ],
  [
    'ECS Task State Change',
    task({ group: 'service:embed' }),
    {
      // As the driver ecs names it.
      about: 'embed-0a1b',
      because: 'spot interruption of the task: Your Spot Task was interrupted.',
      deadlineMs: AT_MS + 120_000,
    },
  ],
  [
    'ECS Task State Change',
    task({ lastStatus: 'STOPPED' }),
    {
      about: '0a1b',
      because: 'spot interruption of the task: Your Spot Task was interrupted.',
      deadlineMs: AT_MS,
    },
  ],
  [
    'EC2 Instance-terminate Lifecycle Action',
    { EC2InstanceId: ID, AutoScalingGroupName: 'workers', LifecycleTransition: 'x' },
    { about: ID, because: 'Auto Scaling group workers ends it', deadlineMs: AT_MS + 120_000 },
  ],
])('takes %s with %j for %j', (detailType, detail, expected) => {
  expect(parseNotice(body(detailType, detail), NOW_MS)).toEqual({
    kind: 'reports',
    reports: [{ kind: 'leaving', atMs: AT_MS, ...expected }],
  });
});

it.each<[string, unknown]>([
  ['EC2 Instance State-change Notification', { 'instance-id': ID, state: 'running' }],
  ['AWS Health Event', health({ statusCode: 'closed' })],
  ['AWS Health Event', health({ service: 'RDS' })],
  ['AWS Health Event', health({ eventTypeCategory: 'issue' })],
  ['AWS Health Event', health({ affectedEntities: [] })],
  ['ECS Task State Change', task({ stopCode: 'UserInitiated' })],
  ['ECS Task State Change', { taskArn: 'arn:aws:ecs:eu-west-1:1:task/cluster/0a1b', lastStatus: 'PENDING' }],
])('takes %s with %j for nothing new', (detailType, detail) => {
  expect(parseNotice(body(detailType, detail), NOW_MS)).toEqual({ kind: 'nothing' });
});

it('reads an event in the envelope of SNS', () => {
  const event = body('EC2 Instance Rebalance Recommendation', { 'instance-id': ID });
  const message = JSON.stringify({ Type: 'Notification', MessageId: 'x', Message: event });
  expect(parseNotice(message, NOW_MS)).toEqual(parseNotice(event, NOW_MS));
});

it('tells unknown kinds and broken messages apart', () => {
  expect(parseNotice(body('Scheduled Event', {}), NOW_MS)).toEqual({
    kind: 'unknown',
    detailType: 'Scheduled Event',
  });
  for (const text of ['', '{', '[]', '"x"', '{"detail-type": "x"}', body('x', {}, 'yesterday')])
    expect(parseNotice(text, NOW_MS)).toEqual({ kind: 'broken', problem: 'it is no event of EventBridge' });
  for (const kind of NOTICE_KINDS) expect(parseNotice(body(kind, null), NOW_MS).kind).toBe('broken');
  expect(
    parseNotice(body('EC2 Instance Rebalance Recommendation', { 'instance-id': 'a b' }), NOW_MS),
  ).toEqual({ kind: 'broken', problem: 'EC2 Instance Rebalance Recommendation: it is about no id' });
});

it('never throws, and never takes an event for one of the future', () => {
  const detail = fc.oneof(
    fc.jsonValue(),
    fc.record({ 'instance-id': fc.string(), state: fc.string(), EC2InstanceId: fc.string() }),
  );
  const time = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  fc.assert(
    fc.property(fc.constantFrom(...NOTICE_KINDS, 'x'), detail, time, (detailType, value, at) => {
      const parsed = parseNotice(body(detailType, value, at), NOW_MS);
      if (parsed.kind === 'reports')
        for (const { atMs } of parsed.reports) expect(atMs).toBeLessThanOrEqual(NOW_MS);
    }),
    { seed: 1 },
  );
});
