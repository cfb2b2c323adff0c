import type { ScaleOrder } from '../driver.ts';
import type { Pod } from './api-objects.ts';
import { isCounted } from './observed-pod.ts';
import { replicaId } from './replica-id.ts';

/** What a ReplicaSet goes by when it ends pods; a lower cost goes first. */
export const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/** That a pod is to go before all others; a value that nobody else would choose, so that it can be told from theirs. */
export const FIRST_TO_GO = '-2147480000';

/** How an order for a target is carried out: in this order, each step only where there is something to do. */
export interface RemovalSteps {
  /** Pods that get the cost {@link FIRST_TO_GO}. */
  readonly mark: readonly Pod[];
  /** Pods whose cost is taken away again: they stay. */
  readonly unmark: readonly Pod[];
  /** The new count; undefined when it is the present one. */
  readonly replicas: number | undefined;
  /** Pods that are deleted, since a lower count wouldn't take them: their controller replaces those that it still counts. */
  readonly remove: readonly Pod[];
}

/** A target as an order finds it. */
export interface RemovalBase {
  readonly pods: readonly Pod[];
  /** Those of `pods` that a rollout ends by itself. */
  readonly outdated: readonly Pod[];
  readonly replicas: number;
  readonly heedsCosts: boolean;
}

/**
 * Compares an order with the pods of its target. Where the count goes down, the ReplicaSet itself ends the marked pods; those of `remove` that are
 * left once the count is reached, because a pod that wasn't ready went before them or because the count stays, are deleted; but those that a rollout
 * ends are only marked, since another of the old template would come in their place.
 */
export function removalSteps(
  { desired, remove }: Pick<ScaleOrder, 'desired' | 'remove'>,
  { pods, outdated, replicas, heedsCosts }: RemovalBase,
): RemovalSteps {
  const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const doomed = living.filter((pod) => remove.includes(replicaId(pod)));
  const kept = living.filter((pod) => !doomed.includes(pod));
  const counted = living.filter(isCounted);
  // Until then the controller is still at work, and may be about to end the very same.
  const reached = desired >= replicas && counted.length <= desired;
  return {
    mark: heedsCosts ? doomed.filter((pod) => isCounted(pod) && !isFirstToGo(pod)) : [],
    unmark: heedsCosts ? kept.filter(isFirstToGo) : [],
    replicas: desired === replicas ? undefined : desired,
    remove: doomed.filter((pod) => !isCounted(pod) || (reached && !outdated.includes(pod))),
  };
}

/** Whether it was marked so by a driver. */
export function isFirstToGo({ metadata }: Pod): boolean {
  return metadata.annotations?.[DELETION_COST] === FIRST_TO_GO;
}
