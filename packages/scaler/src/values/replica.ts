/**
 * What a replica is doing; document 001 has the same for its hosts. Only `reconcile/transition.ts` makes one of another.
 *
 * `launching`    ordered or there, not answering yet
 * `ready`        answers; with `leaving` it serves on until its replacement does or its time is near
 * `draining`     no new work, goes when it is empty or its time is up; with `leaving` it is never taken back
 * `unhealthy`    answered before, and doesn't now: no new work, goes when it is empty, or may recover
 * `terminating`  its end was ordered and can't be taken back; ordered again until it is gone
 * `terminated`   gone; such rows are not kept
 */
export type ReplicaState =
  | { readonly kind: 'launching' }
  | { readonly kind: 'ready'; readonly readyAtMs: number; readonly leaving?: Leaving }
  | {
      readonly kind: 'draining';
      readonly sinceMs: number;
      readonly deadlineMs: number;
      readonly leaving?: Leaving;
      /** It was still launching: taken back it is again. */
      readonly unready?: true;
    }
  /** `by`: who says so is who can say that it is well again. */
  | {
      readonly kind: 'unhealthy';
      readonly sinceMs: number;
      readonly by: 'list' | 'itself';
      readonly because: string;
    }
  | {
      readonly kind: 'terminating';
      readonly sinceMs: number;
      readonly cause: EndCause;
      /** For an operator. */
      readonly because: string;
    }
  | { readonly kind: 'terminated' };

/** Why replicas are ended. */
export const END_CAUSES = [
  'empty',
  'drain_timeout',
  'launch_timeout',
  'unhealthy',
  'unhealthy_timeout',
  'failed',
  'not_needed',
  'leaving',
  'stranger',
] as const;

export type EndCause = (typeof END_CAUSES)[number];

/** One backend as the scaler counts it. */
export interface Replica {
  /** Unique among all groups and for ever; its `id` in `GET /v1/backends` and the `backend` label of gateways' metrics. */
  readonly id: string;
  readonly group: string;
  /** Unknown until the driver has seen it answer or knows its address. */
  readonly url?: string;
  /** What the platform calls the machine that it runs on, where it says so. */
  readonly machine?: string;
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
  /** Whether its platform puts another in its place by itself: while it leaves, no replacement is ordered. */
  readonly replaced?: boolean;
  /** Whether its driver has no means to end it alone. */
  readonly outOfReach?: boolean;
  /** Whether only its own word says that it is ready; a list that calls it starting then says no more than that it runs. */
  readonly reportsItself?: boolean;
  /** When the platform says it was launched, where it says so. */
  readonly launchedAtMs?: number;
  /** Why it is as it is, where that helps an operator. */
  readonly note?: string;
}
