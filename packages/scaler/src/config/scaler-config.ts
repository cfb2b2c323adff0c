import type { GroupSettings } from '../values/group-settings.ts';

/** Who carries plans out. */
export const DRIVER_NAMES = ['process', 'swarm', 'kubernetes', 'ecs', 'asg', 'ec2'] as const;

/** One of `DRIVER_NAMES`. */
export type DriverName = (typeof DRIVER_NAMES)[number];

/** A driver's own options, which it checks itself. */
export type DriverOptions = Readonly<Record<string, unknown>>;

/** How much is logged. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** One of `LOG_LEVELS`. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A group and who runs it. */
export interface GroupConfig extends GroupSettings {
  readonly driver: DriverName;
  /** `drivers` of the file for this driver, with the group's own `driverOptions` over them. */
  readonly driverOptions: DriverOptions;
}

interface SignalBase {
  /** The only group that it is about. Absent: every group that has none of its own by that name. */
  readonly group?: string;
}

/** Where an AWS service is asked; what is absent goes by the SDK's rules. */
interface AwsPlace {
  readonly region?: string;
  readonly endpoint?: string;
}

export interface PrometheusSignal extends SignalBase {
  readonly type: 'prometheus';
  /** Base URL, such as http://prometheus:9090. */
  readonly url: string;
  /** PromQL whose answer is one number. */
  readonly query: string;
}

export interface CloudWatchSignal extends SignalBase, AwsPlace {
  readonly type: 'cloudwatch';
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly periodSeconds: number;
}

export interface SqsSignal extends SignalBase, AwsPlace {
  readonly type: 'sqs';
  readonly queueUrl: string;
  readonly count: 'all' | 'visible';
}

/** A signal that is asked of somebody else. One named like a built-in signal takes its place. */
export type SignalConfig = PrometheusSignal | CloudWatchSignal | SqsSignal;

interface AlarmBase {
  readonly name: string;
  readonly signal: string;
  /** Absent: every group, each for itself. */
  readonly group?: string;
  /** So many periods in a row. */
  readonly periods: number;
  readonly periodSeconds: number;
  /** Gets a POST when the alarm begins and ends; the log has both anyway. */
  readonly webhook?: string;
  /** Its topic gets a message when the alarm begins and when it ends; the region is the ARN's. */
  readonly snsTopicArn?: string;
  readonly snsEndpoint?: string;
}

/** Tells people; changes nothing. Compared is the mean of each period. */
export type AlarmConfig = AlarmBase & ({ readonly above: number } | { readonly below: number });

/** A queue of SQS that EventBridge fills. */
export interface QueueConfig {
  readonly url: string;
  /** Absent: the one in the URL, else the SDK's own rules. */
  readonly region?: string;
  readonly endpoint?: string;
}

/** All settings of the scaler, checked and frozen. */
export interface ScalerConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** For groups that name none. */
  readonly driver: DriverName;
  readonly drivers: Readonly<Partial<Record<DriverName, DriverOptions>>>;
  /** None where replicas get their work elsewhere. */
  readonly gatewayUrl: readonly string[];
  /** By name; several of one name are each for a group of its own, one of them perhaps for the rest. */
  readonly signals: Readonly<Record<string, SignalConfig | readonly SignalConfig[]>>;
  /** At least one; names differ. */
  readonly groups: readonly GroupConfig[];
  readonly alarms: readonly AlarmConfig[];
  /** Queues of events about machines and tasks that are taken away. */
  readonly interruptionQueues: readonly QueueConfig[];
  /** Path of the SQLite file, or `:memory:`. */
  readonly state: string;
  readonly dryRun: boolean;
  /** What becomes of replicas that are processes of this machine when the scaler is told to stop. */
  readonly onStop: 'keep' | 'end';
  readonly logLevel: LogLevel;
  readonly forebayAdminKey: string | undefined;
  readonly backendsToken: string | undefined;
  readonly hostsToken: string | undefined;
  /** Lower case, IPv6 in brackets; never empty. */
  readonly allowedHosts: readonly string[];
}
