import type { ObservedReplica } from '../values/replica.ts';
import type { Samples } from '../values/sample.ts';

/** What a group shall consist of. Carrying out an order again after it was carried out changes nothing. */
export interface ScaleOrder {
  readonly group: string;
  /** How many replicas shall exist once it is carried out, those that are still draining included. */
  readonly desired: number;
  /** Ids of replicas to launch; those that exist already are left as they are. Empty for a driver that doesn't name them. */
  readonly launch: readonly string[];
  /**
   * Ids of replicas to end now (they are drained); those that are gone already are no error. None of them is left once it is carried out, even
   * if `desired` exist: then they are replaced. A driver that can't choose takes them as a wish.
   */
  readonly remove: readonly string[];
}

/** For the log. */
export type DriverEvent = {
  readonly kind: 'warned';
  readonly group: string;
  /** What is so, what may come of it, what to do. Said once for as long as it is the same. */
  readonly message: string;
};

/** Who carries decisions out on one platform. Each call takes a signal with a deadline and rejects with a `ScalerError` whose code says of which kind. */
export interface Driver {
  /** As in `SCALER_DRIVER`. */
  readonly name: string;
  /** What it sets the count of, in words that only the same thing has. Absent where replicas carry the name of their group. */
  readonly scales?: string;
  /** Whether it launches under the ids of `launch`; else ids are the platform's, and only `desired` says how many to launch. */
  readonly namesReplicas: boolean;
  /** Whether it ends exactly the replicas of `remove`; else the platform chooses, and draining first would be of no use. */
  readonly choosesRemoved: boolean;
  /** What becomes of replicas of the group that nobody remembers, as of an earlier state file: `end` ends them, except at the group's very first tick. */
  readonly strangers: 'adopt' | 'end';
  /**
   * Whether one that has answered once never starts again, and the driver knows only by asking who has: then `starting` of one that was ready
   * means that it doesn't answer. Absent where platforms restart replicas and say so.
   */
  readonly startsOnce?: boolean;
  /** A replica launched less than so many seconds ago that isn't listed may only be not listed yet. 0 where lists are never late. */
  readonly listGraceSeconds: number;
  /** The platform is asked no more often than this, however urgent, but for one piece of news that comes between: 0 for what runs on this machine, several seconds where calls are counted. */
  readonly leastTickSeconds: number;
  /** All replicas of the group that exist now, including those of an earlier run of the scaler; the whole list (of all pages) or an error, never a part. */
  list(group: string, signal: AbortSignal): Promise<readonly ObservedReplica[]>;
  /** Resolves when the platform has accepted it, not when replicas are up. */
  scale(order: ScaleOrder, signal: AbortSignal): Promise<void>;
  /** What the platform itself measures of a group's ready replicas, such as `cpu_percent`; a source that fails gives `missing` samples. */
  measure?(group: string, signal: AbortSignal): Promise<Samples>;
  /** Lets go of what it holds; replicas stay. */
  close(): Promise<void>;
}
