import type { ObservedReplica } from '../values/replica.ts';
import type { Samples } from '../values/sample.ts';

/** What a group shall consist of. Carrying out an order again after it was carried out changes nothing. */
export interface ScaleOrder {
  readonly group: string;
  /** How many replicas shall exist once it is carried out, those that are still draining included. */
  readonly desired: number;
  /** Ids of replicas to launch; those that exist already are left as they are. Empty for a driver that doesn't name them. */
  readonly launch: readonly string[];
  /** Ids of replicas to end now (they are drained); those that are gone already are no error. A driver that can't choose takes them as a wish. */
  readonly remove: readonly string[];
}

/** Who carries decisions out on one platform. Each call takes a signal with a deadline and rejects with a `ScalerError` whose code says of which kind. */
export interface Driver {
  /** As in `SCALER_DRIVER`. */
  readonly name: string;
  /** Whether it launches under the ids of `launch`; else ids are the platform's, and only `desired` says how many to launch. */
  readonly namesReplicas: boolean;
  /** Whether it ends exactly the replicas of `remove`; else the platform chooses, and draining first would be of no use. */
  readonly choosesRemoved: boolean;
  /** All replicas of the group that exist now, including those of an earlier run of the scaler; the whole list or an error, never a part. */
  list(group: string, signal: AbortSignal): Promise<readonly ObservedReplica[]>;
  /** Resolves when the platform has accepted it, not when replicas are up. */
  scale(order: ScaleOrder, signal: AbortSignal): Promise<void>;
  /** What the platform itself measures of a group's ready replicas, such as `cpu_percent`; a source that fails gives `missing` samples. */
  measure?(group: string, signal: AbortSignal): Promise<Samples>;
  /** Lets go of what it holds; replicas stay. */
  close(): Promise<void>;
}
