import type { CountChange, Decision } from '../values/decision.ts';
import type { Replica } from '../values/replica.ts';
import type { ReplicaReport } from '../values/replica-report.ts';

/** What the scaler remembers of one group. The rows of `replicas` are the intent: they are written before the driver is called. */
export interface GroupState {
  readonly group: string;
  /** The ordered count; undefined before the first tick of this group. */
  readonly desired?: number;
  readonly replicas: readonly StoredReplica[];
  readonly manual?: ManualScale;
  readonly paused: Paused;
  /** The last change of the desired count. */
  readonly lastScaling?: ScalingEvent;
}

/** A replica and what is known of it besides. */
export interface StoredReplica extends Replica {
  /** When the driver listed it first; absent while its launch has not been seen to have happened. */
  readonly seenAtMs?: number;
  /** When it last said itself that it was ready: a list that calls it starting is then not news. */
  readonly saidReadyAtMs?: number;
  /** The newest of its own reports on its health that was heeded. */
  readonly heardAtMs?: number;
}

/** `POST /scaling/scale`: holds the count until it expires or is released. */
export interface ManualScale {
  readonly target: number;
  readonly reason: string;
  readonly untilMs: number;
}

/** Directions in which nothing is done. */
export interface Paused {
  readonly in: boolean;
  readonly out: boolean;
}

export interface ScalingEvent {
  readonly group: string;
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** Document 004's priorities; they become `tenants` weights in `GET /v1/backends`. */
export interface Priority {
  readonly id: string;
  /** 0 to 10. */
  readonly priority: number;
  /** 0 to 100, percent. */
  readonly resourceAllocation: number;
}

/** One start-up that was seen to its end. */
export interface Startup {
  readonly group: string;
  readonly atMs: number;
  readonly seconds: number;
}

export type Lease =
  /** `epoch` grows with each change of holder; writes of an older epoch are refused. */
  | { readonly kind: 'held'; readonly epoch: number; readonly untilMs: number }
  | { readonly kind: 'other'; readonly holder: string; readonly untilMs: number };

/** What one tick of one group settled; written in one transaction, before the driver is called. */
export interface TickChange {
  readonly decision: Decision;
  /** Absent: it stays as it is, as in a dry run. */
  readonly desired?: number;
  readonly replicas: readonly StoredReplica[];
  readonly startups: readonly Startup[];
}

/** Everything that must survive a restart. Synchronous: one small file on a local disk. Throws a `ScalerError` with `SCALER_STORE` when the file fails. */
export interface Store {
  /** Takes or renews the lease that lets one scaler act; it may be taken from another once that one's time is up. */
  acquireLease(holder: string, nowMs: number, ttlMs: number): Lease;
  releaseLease(holder: string): void;

  /** Groups of which anything is remembered, in the order of their names. */
  groupNames(): readonly string[];
  load(group: string): GroupState;
  /** Forgets a group's count and replicas, not what was decided: they were ended, and the next start begins anew. */
  forget(group: string): void;
  /** Writes a tick; throws (`SCALER_STORE`) without writing anything when `epoch` is no longer the lease's. */
  commit(epoch: number, change: TickChange): void;

  /** The last `limit` decisions, newest first; only of `group` if given. Ticks without a change are kept for a day, changes for 90 days. */
  decisions(limit: number, group?: string): readonly Decision[];
  /** Decisions of one group from `sinceMs` on, oldest first. */
  decisionsSince(group: string, sinceMs: number): readonly Decision[];
  /** Changes of the desired count from `sinceMs` on, oldest first; a dry run changes nothing. */
  changesSince(group: string, sinceMs: number): readonly CountChange[];
  startups(group: string, limit: number): readonly Startup[];

  /** Keeps the newest report of each kind about each replica or machine, for a day. */
  putReport(report: ReplicaReport): void;
  /** Those of `sinceMs` and later, oldest first. */
  reports(sinceMs: number): readonly ReplicaReport[];

  setManual(group: string, manual: ManualScale | undefined): void;
  setPaused(group: string, paused: Paused): void;
  priorities(): readonly Priority[];
  putPriority(priority: Priority): void;
  /** Whether there was one. */
  deletePriority(id: string): boolean;
  /** What `PUT /scaling/config` changed, as it was sent; undefined while nothing was. */
  configOverride(): unknown;
  setConfigOverride(override: unknown): void;

  close(): void;
}
