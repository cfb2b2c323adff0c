import type { Owner, Pod, ReplicaSet } from './api-objects.ts';

type Owned = Pick<Pod, 'metadata'>;

/** The pods that belong to the object with that uid, directly or through one of its ReplicaSets. Labels alone say nothing: others may carry the same. */
export function ownedPods(
  pods: readonly Pod[],
  replicaSets: readonly ReplicaSet[],
  uid: string,
): readonly Pod[] {
  const sets = replicaSets.filter((set) => controllerOf(set)?.uid === uid);
  const owners = new Set([uid, ...sets.map(({ metadata }) => metadata.uid)]);
  return pods.filter((pod) => owners.has(controllerOf(pod)?.uid ?? ''));
}

/** Whether some belong to a ReplicaSet that isn't the target itself. */
export function needsReplicaSets(pods: readonly Pod[], uid: string): boolean {
  return pods.some((pod) => {
    const owner = controllerOf(pod);
    return owner?.kind === 'ReplicaSet' && owner.uid !== uid;
  });
}

/** Who keeps it. */
export function controllerOf({ metadata }: Owned): Owner | undefined {
  return metadata.ownerReferences.find(({ controller }) => controller === true);
}
