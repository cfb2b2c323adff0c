/** What a replica is doing. `starting`: launched, not answering yet. `draining`: no new work, goes when it is empty or its time is up. */
export type ReplicaState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly readyAtMs: number }
  | { readonly kind: 'draining'; readonly sinceMs: number; readonly deadlineMs: number };

/** One backend as the scaler counts it. */
export interface Replica {
  /** Unique among all groups and for ever; its `id` in `GET /v1/backends` and the `backend` label of gateways' metrics. */
  readonly id: string;
  readonly group: string;
  /** Unknown until the driver has seen it answer or knows its address. */
  readonly url?: string;
  readonly launchedAtMs: number;
  readonly state: ReplicaState;
}

/** What a driver sees of a replica; draining is not a driver's business. */
export interface ObservedReplica {
  readonly id: string;
  readonly url?: string;
  /** `starting`: exists, doesn't answer yet. `ready`: answers. `failed`: is broken for good and takes no work, e.g. crash-looping. */
  readonly state: 'starting' | 'ready' | 'failed';
  /** When the platform says it was launched, where it says so. */
  readonly launchedAtMs?: number;
  /** Why it is as it is, where that helps an operator. */
  readonly note?: string;
}
