import type { Pod, ReplicaSet } from './api-objects.ts';
import { isCounted } from './observed-pod.ts';
import { controllerOf } from './owned-pods.ts';
import { isFirstToGo } from './removal-steps.ts';

const REVISION = 'deployment.kubernetes.io/revision';

/** Pods of which a Deployment's rollout makes others: those of all its ReplicaSets but the newest. `sets` are the Deployment's own. */
export function outdatedPods(pods: readonly Pod[], sets: readonly ReplicaSet[]): readonly Pod[] {
  const newest = Math.max(...sets.map(revisionOf));
  const older = new Set(sets.filter((set) => revisionOf(set) < newest).map(({ metadata }) => metadata.uid));
  return pods.filter((pod) => older.has(controllerOf(pod)?.uid));
}

/**
 * Those of `outdated` that are there beyond the Deployment's count, since a rollout has their replacements started before it ends them: those that
 * don't serve first, then those that are to go anyway, then the oldest, so that they are the same ones at each look.
 *
 * Worked example: 4 replicas and a surge of 1 are 3 old pods and 2 new ones, and 1 of the old ones is there beyond the count.
 */
export function surgedPods(
  pods: readonly Pod[],
  outdated: readonly Pod[],
  replicas: number,
): ReadonlySet<Pod> {
  const surplus = Math.max(0, pods.filter(isCounted).length - replicas);
  const order = outdated
    .filter(isCounted)
    .toSorted(
      (a, b) =>
        Number(serves(a)) - Number(serves(b)) ||
        Number(isFirstToGo(b)) - Number(isFirstToGo(a)) ||
        (ageKey(a) < ageKey(b) ? -1 : 1),
    );
  return new Set(order.slice(0, surplus));
}

function revisionOf({ metadata }: ReplicaSet): number {
  return Number(metadata.annotations?.[REVISION] ?? 0);
}

function serves({ status }: Pod): boolean {
  return status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
}

function ageKey({ metadata }: Pod): string {
  return `${metadata.creationTimestamp} ${metadata.name}`;
}
