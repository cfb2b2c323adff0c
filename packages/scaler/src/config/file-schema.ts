import { z } from 'zod';
import { CONFIG_DEFAULTS } from './defaults.ts';
import {
  choice,
  closed,
  flag,
  gatewayUrl,
  host,
  httpUrl,
  integer,
  list,
  name,
  number,
  seconds,
  secret,
  signalName,
  text,
} from './fields.ts';
import { groupSchema, type ParsedGroup } from './group-schema.ts';
import {
  type AlarmConfig,
  DRIVER_NAMES,
  type DriverName,
  type DriverOptions,
  LOG_LEVELS,
  type ScalerConfig,
} from './scaler-config.ts';
import { signalSchema } from './signal-schema.ts';

const LARGEST = 1_000_000_000;

const topicError =
  'must be the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:123456789012:hot; FIFO topics are not supported';

const alarmFields = closed({
  name: name(),
  signal: signalName(),
  group: z.exactOptional(name().describe('default: every group, each for itself')),
  above: z.exactOptional(number(-LARGEST, LARGEST)),
  below: z.exactOptional(number(-LARGEST, LARGEST)),
  periods: integer(1, 1000).default(CONFIG_DEFAULTS.alarmPeriods).describe('so many in a row'),
  periodSeconds: seconds(1).default(CONFIG_DEFAULTS.alarmPeriodSeconds).describe('compared is the mean'),
  webhook: z.exactOptional(httpUrl().describe('gets a POST when the alarm begins and ends')),
  snsTopicArn: z.exactOptional(
    z
      .string({ error: topicError })
      .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/, { error: topicError })
      .describe('an SNS topic that gets a message when the alarm begins and ends'),
  ),
  snsEndpoint: z.exactOptional(httpUrl().describe('a VPC endpoint or a test server')),
}).meta({ oneOf: [{ required: ['above'] }, { required: ['below'] }] });

const alarm = alarmFields.transform(({ above, below, ...rest }, context): AlarmConfig => {
  if (above !== undefined && below === undefined) return { ...rest, above };
  if (below !== undefined && above === undefined) return { ...rest, below };
  context.issues.push({ code: 'custom', input: rest, message: 'must have either above or below' });
  return z.NEVER;
});

const queue = closed({
  url: httpUrl().describe('of the queue, such as https://sqs.eu-west-1.amazonaws.com/123456789012/notices'),
  region: z.exactOptional(text('an AWS region').describe("default: the one in the queue's URL")),
  endpoint: z.exactOptional(httpUrl().describe("another endpoint than AWS's own")),
});

/** Commas or a list; empty items are left out. */
function commaList<T extends z.ZodType<string>>(item: T, what: string) {
  const error = `must be ${what}, with commas between or as a list`;
  return z
    .union([z.string({ error }), z.array(z.string({ error }), { error })], { error })
    .transform((value) => (typeof value === 'string' ? value.split(',') : value))
    .transform((items) => items.map((entry) => entry.trim()).filter((entry) => entry !== ''))
    .refine((items) => items.every((entry) => item.safeParse(entry).success), { error });
}

/** The same for each way to write one gateway's URL. */
function gatewayName(url: string): string {
  const isName = /^dns\+/i.test(url);
  const parsed = URL.parse(url.replace(/^dns\+/i, ''));
  return parsed === null
    ? url
    : `${isName ? 'dns+' : ''}${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`;
}

const allowedHost = z.string().regex(/^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?$/i);

const options = () =>
  z.record(z.string(), z.unknown(), { error: "must be a mapping of the driver's options" }).optional();

const file = closed({
  host: host()
    .default(CONFIG_DEFAULTS.host)
    .describe('the address to listen on; beyond loopback it takes forebayAdminKey'),
  port: integer(0, 65_535)
    .default(CONFIG_DEFAULTS.port)
    .describe('the port to listen on, 0 for any free one'),
  driver: choice(DRIVER_NAMES)
    .default(CONFIG_DEFAULTS.driver)
    .describe('who starts and stops replicas, where a group names none'),
  drivers: closed({
    process: options(),
    swarm: options(),
    kubernetes: options(),
    ecs: options(),
    asg: options(),
    ec2: options(),
  } satisfies Record<DriverName, z.ZodType>)
    .default({})
    .describe("each driver's own options, such as process: {command: [...]}"),
  gatewayUrl: z
    .union(
      [
        commaList(
          gatewayUrl(),
          'URLs like http://gateway:8080 or dns+http://gateway:8080, without a user or password',
        )
          .refine((urls) => urls.length > 0, { error: 'must name at least one gateway, or be none' })
          // Twice read, its arrivals would count twice.
          .refine((urls) => new Set(urls.map(gatewayName)).size === urls.length, {
            error: 'must name each gateway once',
          }),
        z.literal('none').transform((): string[] => []),
      ],
      { error: () => '' },
    )
    .prefault(CONFIG_DEFAULTS.gatewayUrl)
    .describe(
      'the gateways whose /metrics are read, commas between or a list; dns+http://… is every gateway behind a name; none where replicas get their work elsewhere, such as workers of a queue',
    ),
  signals: z
    .record(signalName(), signalSchema, { error: 'must be a mapping of names to signals' })
    .default({})
    .describe(
      "signals asked of Prometheus, CloudWatch or SQS, by name; a built-in signal's name replaces that one; a list has one for each group",
    ),
  groups: list(groupSchema, 'groups', 1, 100)
    .prefault([{}])
    .describe('classes of replicas, each with its own limits and policies; default: one group, default'),
  alarms: list(alarm, 'alarms', 0, 100)
    .default([])
    .describe('tell the log, and a webhook or an SNS topic if one is given; they change nothing'),
  interruptionQueues: list(queue, 'interruptionQueues', 0, 20)
    .default([])
    .describe('SQS queues of EventBridge events about hosts that AWS takes away; see hosts.md'),
  state: text('a path, or :memory:')
    .optional()
    .describe(
      "SQLite file that a restart goes on from, :memory: for none; default: in the user's state folder",
    ),
  dryRun: flag().default(false).describe('decide and explain, never act'),
  onStop: choice(['keep', 'end'])
    .default(CONFIG_DEFAULTS.onStop)
    .describe('local processes when the scaler is told to stop: keep lets the next start take them over'),
  logLevel: choice(LOG_LEVELS).default(CONFIG_DEFAULTS.logLevel).describe('how much is logged'),
  forebayAdminKey: secret()
    .optional()
    .describe('the key for everything but /metrics, /livez and /readyz; open on loopback while none is set'),
  backendsToken: secret().optional().describe('opens GET /v1/backends only: for gateways'),
  hostsToken: secret()
    .optional()
    .describe(
      'opens POST /v1/hosts/{id} only: for hosts that report themselves; then needed on loopback too',
    ),
  allowedHosts: commaList(allowedHost, 'host names or addresses, IPv6 in brackets')
    .prefault('')
    .describe('Host headers answered while no admin key is set; default: host, localhost, 127.0.0.1, [::1]'),
});

/** The file as it was written, with defaults; what depends on several settings is still open. */
export interface ParsedFile
  extends Omit<
    ScalerConfig,
    'groups' | 'state' | 'forebayAdminKey' | 'backendsToken' | 'hostsToken' | 'drivers'
  > {
  readonly groups: readonly ParsedGroup[];
  readonly drivers: Readonly<{ [Name in DriverName]?: DriverOptions | undefined }>;
  readonly state?: string | undefined;
  readonly forebayAdminKey?: string | undefined;
  readonly backendsToken?: string | undefined;
  readonly hostsToken?: string | undefined;
}

/** The whole configuration file. */
export const fileSchema: z.ZodType<ParsedFile> = file;
