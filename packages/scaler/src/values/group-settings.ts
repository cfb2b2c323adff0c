/** How one group of like replicas is scaled. Every field has its default in `config/`; see there for bounds. */
export interface GroupSettings {
  readonly name: string;
  readonly class: string;
  /** False: held as it is in both directions, but for a count set by hand. */
  readonly enabled: boolean;
  readonly min: number;
  readonly initial: number;
  readonly max: number;
  readonly intervalSeconds: number;
  readonly policies: readonly PolicySettings[];
  /** How votes become one need: see `decide/combine.ts`. */
  readonly combine: 'max' | 'any' | 'all' | 'weighted';
  /** Out: the smallest vote of that many seconds counts. In: the largest, and nothing scales in so soon after a change. For each policy by itself. */
  readonly stabilizationSeconds: { readonly out: number; readonly in: number };
  /** A vote for at most this part of the count needs a shorter window on the way in; a part of 0 never does. */
  readonly steepFall: { readonly part: number; readonly seconds: number };
  /** A count that was cut and had to grow again within `withinSeconds` was cut too early: the in window grows by this factor; 1 never does. */
  readonly flapping: {
    readonly growth: number;
    readonly withinSeconds: number;
    readonly longestSeconds: number;
  };
  /** Seconds after a change, whatever its direction, before the next one out or in. */
  readonly cooldownSeconds: { readonly out: number; readonly in: number };
  readonly velocity: { readonly out: VelocitySettings; readonly in: VelocitySettings };
  readonly startup: {
    /** Before anything was learned. */
    readonly expectedSeconds: number;
    /** A replica that starts for longer is replaced. */
    readonly timeoutSeconds: number;
  };
  /** Longest wait for a draining replica to become empty. */
  readonly drainSeconds: number;
  /** One that is unhealthy for longer is ended, empty or not. */
  readonly unhealthySeconds: number;
  /** A signal older than this is stale: it never scales in. */
  readonly staleAfterSeconds: number;
  /** What one replica does and costs, until it is learned: `config/class-rates.ts` by class. */
  readonly chunksPerSecond: number;
  readonly pricePerHour: number;
}

/** Several rules: the one that allows most counts, or with `select: min` the one that allows least. No rules: no limit. */
export interface VelocitySettings {
  readonly rules: readonly VelocityRule[];
  readonly select: 'max' | 'min';
}

export type VelocityRule =
  | { readonly type: 'percent'; readonly value: number; readonly periodSeconds: number }
  | { readonly type: 'replicas'; readonly value: number; readonly periodSeconds: number };

/** One policy by its `type`; `name` is what votes and log lines call it. */
export type PolicySettings =
  | QueuedWorkSettings
  | TargetTrackingSettings
  | StepSettings
  | RequestRateSettings
  | BacklogSettings
  | ThresholdSettings
  | JobsPerHostSettings
  | ScheduleSettings;

/** Part of the current count that a vote may lie above (`out`) or below (`in`) before anything happens; 0.2 is 20 %. */
export interface Tolerance {
  readonly out: number;
  readonly in: number;
}

interface PolicyBase {
  readonly name: string;
  /** For `combine: weighted`. @default 1 */
  readonly weight: number;
}

/** Demand in replicas: arrivals, backlog to be worked off, and trend, over what one replica does. The default policy. */
export interface QueuedWorkSettings extends PolicyBase {
  readonly type: 'queued-work';
  /** Part of a replica's speed that is planned with, 0 to 1. */
  readonly utilization: number;
  /** A backlog shall be worked off in that many seconds, or in three start-ups where that is more. */
  readonly drainBacklogSeconds: number;
  readonly trend: boolean;
  /** What is ordered for the demand, and kept on the way in: 1.15 is 15 % more. */
  readonly headroom: number;
  readonly tolerance: Tolerance;
}

/** HPA's formula: current × value / target. `total`: the signal is a sum over the group, so value / target. */
export interface TargetTrackingSettings extends PolicyBase {
  readonly type: 'target-tracking';
  readonly signal: string;
  readonly target: number;
  readonly of: 'each' | 'total';
  readonly tolerance: Tolerance;
}

/** The first band from the top whose `from` (included) the signal reaches says what changes. */
export interface StepSettings extends PolicyBase {
  readonly type: 'step';
  readonly signal: string;
  readonly steps: readonly {
    /** Absent: everything below the other bands. */
    readonly from?: number;
    readonly change:
      | { readonly type: 'replicas'; readonly value: number }
      | { readonly type: 'percent'; readonly value: number }
      | { readonly type: 'exactly'; readonly value: number };
  }[];
}

/** Requests/s (or another rate) over what one replica shall take. */
export interface RequestRateSettings extends PolicyBase {
  readonly type: 'request-rate';
  readonly signal: string;
  readonly perReplica: number;
}

/** Queue over what one replica may have waiting: one message per task (document 003) is `signal: sqs_messages, perReplica: 1`. The first message starts the first replica. */
export interface BacklogSettings extends PolicyBase {
  readonly type: 'backlog';
  readonly signal: string;
  readonly perReplica: number;
}

/** Document 004: above `above` × `outFactor`, below `below` × `inFactor`. */
export interface ThresholdSettings extends PolicyBase {
  readonly type: 'threshold';
  readonly signal: string;
  readonly above: number;
  readonly outFactor: number;
  readonly below: number;
  readonly inFactor: number;
}

/** Document 001: jobs n become n + margin·√n (`sqrt`) or n·margin (`linear`), over jobs per host. */
export interface JobsPerHostSettings extends PolicyBase {
  readonly type: 'jobs-per-host';
  readonly signal: string;
  readonly formula: 'sqrt' | 'linear';
  readonly margin: number;
  readonly jobsPerHost: number;
}

/** That many replicas in these windows, outside them the group's minimum. */
export interface ScheduleSettings extends PolicyBase {
  readonly type: 'schedule';
  readonly timeZone: string;
  readonly windows: readonly {
    /** 0 is Sunday; empty: every day. */
    readonly days: readonly number[];
    /** Minutes since midnight; an end before its start is on the next day. */
    readonly fromMinute: number;
    readonly toMinute: number;
    readonly replicas: number;
  }[];
}
