import type { Decision } from '../values/decision.ts';
import type { Samples } from '../values/sample.ts';

/** Everything a policy may look at. A policy is a function of it and of its settings alone. */
export interface PolicyContext {
  /** The group's name. */
  readonly group: string;
  readonly nowMs: number;
  /** The group's desired count. */
  readonly current: number;
  readonly min: number;
  readonly max: number;
  readonly ready: number;
  /** Seconds since launch of each replica that is starting and not overdue. */
  readonly startingAgesSeconds: readonly number[];
  /** What a start-up takes, learned or expected. */
  readonly startupSeconds: number;
  /** Speed of one replica while none was measured. */
  readonly classChunksPerSecond: number;
  /** Of one replica, the last that was ever measured; `past` may not reach back that far. */
  readonly learnedChunksPerSecond: number | undefined;
  readonly samples: Samples;
  readonly staleAfterSeconds: number;
  /** Earlier decisions of this group without a gap, oldest first. */
  readonly past: readonly Decision[];
  readonly pricePerHour: number;
  readonly peers: readonly Peer[];
}

/** Another group that serves the same callers. */
export interface Peer {
  readonly group: string;
  readonly current: number;
  readonly min: number;
  readonly max: number;
  /** Of one replica: measured, else its class's. */
  readonly chunksPerSecond: number;
  readonly pricePerHour: number;
  readonly ready: number;
  /** Seconds until each of its starting replicas is ready. */
  readonly readyInSeconds: readonly number[];
}
