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

/** The platform takes a replica away, or advises to let it go: a spot interruption, a rebalance recommendation, a node that is drained. */
export interface Leaving {
  /** In an operator's words, such as `spot interruption`. */
  readonly because: string;
  /** When it is gone, whatever is in flight; absent for mere advice: it serves until its replacement does. */
  readonly deadlineMs?: number;
}

/** What a driver sees of a replica; draining is not a driver's business. */
export interface ObservedReplica {
  readonly id: string;
  readonly url?: string;
  /**
   * `starting`: exists, doesn't answer yet. `ready`: answers. `unhealthy`: answered before, and now wrongly or not at all; it gets no new work,
   * is ended when it is empty, and may recover. `failed`: is broken for good and takes no work, e.g. crash-looping. `gone`: it was launched
   * and doesn't exist any more (`note` says why); only for replicas whose end nobody would see otherwise, since `list` shows what exists.
   */
  readonly state: 'starting' | 'ready' | 'unhealthy' | 'failed' | 'gone';
  /** What the platform calls the machine it runs on, such as an EC2 instance id: notices may be about it. */
  readonly machine?: string;
  readonly leaving?: Leaving;
  /** When the platform says it was launched, where it says so. */
  readonly launchedAtMs?: number;
  /** Why it is as it is, where that helps an operator. */
  readonly note?: string;
}
