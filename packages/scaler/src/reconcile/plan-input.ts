import type { StoredReplica } from '../store/store.ts';
import type { GroupSettings } from '../values/group-settings.ts';

/** What a target is carried out against. */
export interface PlanInput {
  readonly settings: Pick<GroupSettings, 'name' | 'max' | 'drainSeconds' | 'startup' | 'unhealthySeconds'>;
  readonly rows: readonly StoredReplica[];
  readonly target: number;
  readonly nowMs: number;
  readonly namesReplicas: boolean;
  readonly choosesRemoved: boolean;
  /** Whether all gateways say that a replica marked at `markedAtMs` has nothing in flight. */
  readonly isEmpty: (id: string, markedAtMs: number) => boolean;
  /** Chunks in flight on a replica; unknown counts as most. */
  readonly inFlight: (id: string) => number | undefined;
  /** Whether the driver has no means to end it. */
  readonly isOutOfReach: (id: string) => boolean;
  /** Nothing is launched before this: earlier start-ups failed. */
  readonly launchNotBeforeMs: number;
  readonly newId: () => string;
}
