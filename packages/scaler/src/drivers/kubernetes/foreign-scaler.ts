import type { Autoscaler } from './api-objects.ts';
import { controllerOf } from './owned-pods.ts';
import type { KubernetesTarget } from './target.ts';

/** The HorizontalPodAutoscaler that scales the target too, if there is one. Versions of a group are one kind. */
export function foreignScaler(
  autoscalers: readonly Autoscaler[],
  { apiVersion, kind, name }: Pick<KubernetesTarget, 'apiVersion' | 'kind' | 'name'>,
): Autoscaler | undefined {
  return autoscalers.find(({ spec: { scaleTargetRef } }) => {
    const { apiVersion: theirs = 'v1' } = scaleTargetRef;
    return (
      scaleTargetRef.kind === kind && scaleTargetRef.name === name && groupOf(theirs) === groupOf(apiVersion)
    );
  });
}

/** Who it is and what to do about it. */
export function describeForeignScaler(autoscaler: Autoscaler, target: string, namespace: string): string {
  const { metadata, spec } = autoscaler;
  const keda = controllerOf(autoscaler);
  const owner = keda?.kind === 'ScaledObject' ? `ScaledObject ${keda.name} of KEDA through ` : '';
  const range = `${spec.minReplicas ?? 1} to ${spec.maxReplicas ?? '?'}`;
  const remedy = keda?.kind === 'ScaledObject' ? `scaledobject ${keda.name}` : `hpa ${metadata.name}`;
  return `${owner}HorizontalPodAutoscaler ${metadata.name} scales ${target} too (${range} replicas), so two would pull at one count: delete it (kubectl delete --namespace ${namespace} ${remedy}), or leave scaling to it and run this group with dryRun; onForeignScaler: warn acts all the same`;
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}
