import { ScalerError } from '../../errors.ts';
import type { Leaving } from '../../values/replica.ts';
import type { Pod, ReplicaSet, Scale } from './api-objects.ts';
import { node, pod, replicaSet, scale } from './api-schemas.ts';
import type { KubernetesApi } from './kubernetes-api.ts';
import { nodeLeaving } from './node-leaving.ts';
import { outdatedPods } from './outdated-pods.ts';
import { needsReplicaSets, ownedPods } from './owned-pods.ts';
import { describeTarget, type KubernetesTarget, pathOf } from './target.ts';
import { isQuota } from './to-kubernetes-error.ts';

/** A target as it is now. */
export interface TargetView {
  readonly scale: Scale;
  /** Its own, those that are ending included. */
  readonly pods: readonly Pod[];
  /** Those of them that a rollout replaces. */
  readonly outdated: readonly Pod[];
  /** As text, for other lists of the same pods. */
  readonly selector: string;
  /** Why a controller of it can't make pods, in Kubernetes' words. */
  readonly creationFailure: string | undefined;
}

/** Reads a target with all its pods. @throws ScalerError where it doesn't exist, or shows no selector by which pods could be found */
export async function viewTarget(
  api: KubernetesApi,
  target: KubernetesTarget,
  namespace: string,
  signal: AbortSignal,
): Promise<TargetView> {
  const it = describeTarget(target, namespace);
  const found = await api.find(
    `${pathOf(target, namespace)}/scale`,
    scale,
    `reading the scale of ${it}`,
    signal,
  );
  if (found === undefined) {
    const message = `Kubernetes: there is no ${it}, or nothing of its kind can be scaled: apply it, or set the options deployment and namespace`;
    throw new ScalerError('SCALER_DRIVER_FAILED', message);
  }
  const { selector } = found.status;
  const { uid } = found.metadata;
  if (!selector || uid === undefined) {
    // An empty selector would take all pods of the namespace for replicas.
    throw new ScalerError(
      'SCALER_DRIVER_FAILED',
      `Kubernetes: the scale of ${it} has no selector, so its pods can't be told`,
    );
  }
  const core = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
  const query = { labelSelector: selector };
  const pods = (await api.list(`${core}/pods`, query, pod, `listing the pods of ${it}`, signal)) ?? [];
  const sets = needsReplicaSets(pods, uid) || target.kind !== 'StatefulSet' ? await replicaSets() : [];
  const own = sets.filter(
    ({ metadata }) => metadata.uid === uid || metadata.ownerReferences.some((owner) => owner.uid === uid),
  );
  const owned = ownedPods(pods, sets, uid);
  return {
    scale: found,
    pods: owned,
    outdated: target.kind === 'Deployment' ? outdatedPods(owned, own) : [],
    selector,
    creationFailure: creationFailure(own),
  };

  async function replicaSets(): Promise<readonly ReplicaSet[]> {
    const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/replicasets`;
    return (await api.list(path, query, replicaSet, `listing the ReplicaSets of ${it}`, signal)) ?? [];
  }
}

/** Why nodes are being emptied, by their names. Takes a right beyond the namespace. */
export async function leavingNodes(
  api: KubernetesApi,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Leaving>> {
  const nodes = (await api.list('/api/v1/nodes', {}, node, 'listing nodes (watchNodes)', signal)) ?? [];
  return new Map(
    nodes.flatMap((each) => {
      const leaving = nodeLeaving(each);
      return leaving === undefined ? [] : [[each.metadata.name, leaving]];
    }),
  );
}

/** What a controller says of pods that it can't create, as an error: a quota may have room later. */
export function toCreationError(failure: string, target: string): ScalerError {
  const code = isQuota(failure) ? 'SCALER_DRIVER_CAPACITY' : 'SCALER_DRIVER_FAILED';
  return new ScalerError(code, `Kubernetes: ${target} is short of pods: ${failure}`, { retryable: true });
}

function creationFailure(sets: readonly ReplicaSet[]): string | undefined {
  const conditions = sets.flatMap(({ status }) => status.conditions);
  const failure = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  return failure && (failure.message ?? failure.reason ?? 'its controller does not say why');
}
