import { z } from 'zod';
import { choice, closed, didYouMean, httpUrl, integer, list, name, text } from './fields.ts';
import { nearestName } from './nearest-name.ts';
import type { SignalConfig } from './scaler-config.ts';

const group = z.exactOptional(
  name().describe(
    'the only group that it is about; default: every group that has none of its own by that name',
  ),
);

/** A URL that may be logged. */
const openUrl = () =>
  httpUrl().refine((url) => URL.parse(url)?.username === '', { error: 'must not carry a user or password' });

const awsPlace = {
  region: z.exactOptional(text('a region').describe("such as eu-west-1; default: the SDK's own rules")),
  endpoint: z.exactOptional(openUrl().describe('a VPC endpoint or a test server')),
};

const prometheus = closed({
  type: z.literal('prometheus'),
  group,
  url: openUrl().describe('base URL, such as http://prometheus:9090'),
  query: text('a PromQL query').describe('PromQL whose answer is one number'),
}).describe('asked at each tick');

const periodError =
  'must be 10, 20, 30 or a multiple of 60 seconds, 86400 at most: CloudWatch has no other periods';

const cloudWatch = closed({
  type: z.literal('cloudwatch'),
  group,
  ...awsPlace,
  namespace: text('a namespace').describe('such as AWS/EC2'),
  metric: text('the name of a metric').describe('such as CPUUtilization'),
  dimensions: z
    .record(z.string(), text('the value of a dimension'), {
      error: 'must be a mapping of dimensions to values',
    })
    .default({})
    .describe('all that the metric has, such as {AutoScalingGroupName: small}'),
  statistic: text('a statistic').default('Average').describe('Average, Sum, Maximum, p99, ...'),
  periodSeconds: integer(10, 86_400)
    .refine((seconds) => [10, 20, 30].includes(seconds) || seconds % 60 === 0, { error: periodError })
    .default(300)
    .describe('the newest whole period counts, and its end is its time; asked for twice in a period'),
}).describe('a metric of CloudWatch, which bills each metric asked for');

const sqs = closed({
  type: z.literal('sqs'),
  group,
  ...awsPlace,
  queueUrl: openUrl().describe("the queue's; its region is taken from it"),
  count: choice(['all', 'visible'])
    .default('all')
    .describe('all counts messages that somebody works on too; visible only those that wait'),
}).describe('how many messages a queue has, asked at each tick');

const SIGNALS = [prometheus, cloudWatch, sqs] as const;
const TYPES = SIGNALS.map(({ shape }) => shape.type.value);

const one = z.discriminatedUnion('type', SIGNALS, {
  error: ({ input }) => {
    if (typeof input !== 'object' || input === null) return 'must be a signal, or a list of signals';
    const type = 'type' in input ? String(input.type) : '';
    return `must be one of ${TYPES.join(', ')}${didYouMean(type === '' ? undefined : nearestName(type, TYPES))}`;
  },
});

/** Does not compile unless schema and type say the same. */
type Same<Schema, Type> = [Schema] extends [Type] ? ([Type] extends [Schema] ? Type : never) : never;
const checked: z.ZodType<Same<z.output<typeof one>, SignalConfig>> = one;

/** A signal of the file, or several of one name for a group each; the fault of one of them is the fault of both. */
export const signalSchema: z.ZodType<SignalConfig | readonly SignalConfig[]> = z.union(
  [checked, list(checked, 'signals', 1, 100)],
  { error: () => '' },
);
