import { conditionOf, type Pod } from './kube-object.ts';

export const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/**
 * Pods in the order in which a ReplicaSet ends them, the first first: as `ActivePodsWithRanks` of kubernetes/kubernetes
 * (pkg/controller/controller_utils.go) has it, without its ranks by node and its logarithmic buckets of ages.
 */
export function scaleInOrder(pods: readonly Pod[]): readonly Pod[] {
  return pods.toSorted((a, b) => {
    for (const rank of RANKS) {
      const difference = rank(a) - rank(b);
      if (difference !== 0) return difference;
    }
    return a.metadata.name < b.metadata.name ? -1 : 1;
  });
}

const PHASES = ['Pending', 'Unknown', 'Running'];

/** Lower goes earlier. */
const RANKS: readonly ((pod: Pod) => number)[] = [
  (pod) => Number(pod.spec.nodeName !== undefined),
  (pod) => PHASES.indexOf(pod.status.phase),
  (pod) => Number(isReady(pod)),
  (pod) => Number(pod.metadata.annotations?.[DELETION_COST] ?? 0),
  (pod) => -readySinceMs(pod),
  (pod) => -Date.parse(pod.metadata.creationTimestamp ?? ''),
];

function isReady(pod: Pod): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

function readySinceMs(pod: Pod): number {
  return isReady(pod) ? Date.parse(conditionOf(pod, 'Ready')?.lastTransitionTime ?? '') || 0 : 0;
}
