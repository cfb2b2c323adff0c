import type { Pod } from './api-objects.ts';
import { controllerOf } from './owned-pods.ts';

/**
 * The id of a pod as a replica: its name where a ReplicaSet drew it at random, else its name with the beginning of its uid, since a StatefulSet gives
 * the same name to the next one.
 *
 * @example
 * replicaId(podOfDeployment); // djl-cpu-5a02f912d3-9zb6l
 * replicaId(podOfStatefulSet); // djl-cpu-0-6f0c1f9e
 */
export function replicaId(pod: Pod): string {
  const { name, uid = '' } = pod.metadata;
  return controllerOf(pod)?.kind === 'ReplicaSet' ? name : `${name}-${uid.slice(0, 8)}`;
}
