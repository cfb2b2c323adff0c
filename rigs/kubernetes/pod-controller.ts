import {
  type Condition,
  conditionOf,
  isActive,
  isOwnedBy,
  type Pod,
  timeOf,
  type Workload,
} from './kube-object.ts';
import { newPod, randomSuffix } from './new-pod.ts';
import type { ObjectStore } from './object-store.ts';
import { PODS, REPLICA_SETS, type Resource, STATEFUL_SETS } from './resources.ts';
import { scaleInOrder } from './scale-in-order.ts';

export interface PodControllerParts {
  readonly store: ObjectStore;
  readonly nowMs: () => number;
  readonly random: () => number;
  /** A ResourceQuota's `pods`, for all namespaces together; undefined where there is none. */
  readonly quotaPods: () => number | undefined;
}

/** Gives each ReplicaSet and StatefulSet the pods that it wants, replacing those that are gone, and writes their status. */
export function reconcilePods(parts: PodControllerParts): void {
  for (const resource of [REPLICA_SETS, STATEFUL_SETS]) {
    for (const object of parts.store.list(resource)) {
      const set = object as Workload; // all under both kinds are
      reconcile(resource, set, parts);
    }
  }
}

function reconcile(resource: Resource, set: Workload, parts: PodControllerParts): void {
  const { store } = parts;
  const wanted = set.spec.replicas ?? 1;
  const own = podsOf(set, store);
  const active = own.filter(isActive);
  for (const pod of surplus(resource, active, wanted)) end(pod, parts);
  const names =
    resource === STATEFUL_SETS ? ordinals(set, own, wanted) : drawn(set, wanted - active.length, parts);
  const refused = names.find((name) => !create(newPod(set, name), parts));
  writeStatus(resource, set, refused !== undefined, parts);
}

/** A StatefulSet ends the highest numbers; a ReplicaSet those that are missed least. */
function surplus(resource: Resource, active: readonly Pod[], wanted: number): readonly Pod[] {
  if (resource === STATEFUL_SETS) return active.filter((pod) => ordinalOf(pod) >= wanted);
  return scaleInOrder(active).slice(0, Math.max(0, active.length - wanted));
}

/** Of those that nobody has yet; one that is ending keeps its name until it is gone. */
function ordinals({ metadata }: Workload, own: readonly Pod[], wanted: number): readonly string[] {
  const taken = new Set(own.map(ordinalOf));
  const free = Array.from({ length: wanted }, (_, ordinal) => ordinal).filter(
    (ordinal) => !taken.has(ordinal),
  );
  return free.map((ordinal) => `${metadata.name}-${ordinal}`);
}

function drawn({ metadata }: Workload, missing: number, { random }: PodControllerParts): readonly string[] {
  return Array.from({ length: Math.max(0, missing) }, () => `${metadata.name}-${randomSuffix(random)}`);
}

/** False when the quota has no room for it. */
function create(pod: Pod, { store, quotaPods }: PodControllerParts): boolean {
  const quota = quotaPods();
  if (quota !== undefined && store.list(PODS).length >= quota) return false;
  store.create(PODS, pod);
  return true;
}

function end(pod: Pod, { store, nowMs }: PodControllerParts): void {
  const { namespace, name, resourceVersion: _, ...metadata } = pod.metadata;
  if (pod.spec.nodeName === undefined) store.delete(PODS, namespace, name);
  else {
    const ending = { ...metadata, name, ...(namespace && { namespace }), deletionTimestamp: timeOf(nowMs()) };
    store.replace(PODS, { ...pod, metadata: ending });
  }
}

function writeStatus(resource: Resource, set: Workload, refused: boolean, parts: PodControllerParts): void {
  const { store, quotaPods, nowMs } = parts;
  const active = podsOf(set, store).filter(isActive);
  const ready = active.filter((pod) => conditionOf(pod, 'Ready')?.status === 'True').length;
  const message = `pods "${set.metadata.name}-" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=${quotaPods()}, limited: pods=${quotaPods()}`;
  const before = (set.status?.conditions as readonly Condition[] | undefined)?.[0]; // as written here
  const failure: Condition = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message,
    lastTransitionTime: before?.lastTransitionTime ?? timeOf(nowMs()),
  };
  const status = {
    observedGeneration: set.metadata.generation,
    replicas: active.length,
    readyReplicas: ready,
    availableReplicas: ready,
    updatedReplicas: active.length,
    currentReplicas: active.length,
    conditions: refused ? [failure] : [],
  };
  const { resourceVersion: _, ...metadata } = set.metadata;
  store.replace(resource, { ...set, metadata, status });
}

function podsOf(set: Workload, store: ObjectStore): readonly Pod[] {
  const pods = store.list(PODS, set.metadata.namespace) as readonly Pod[]; // all under PODS are
  return pods.filter((pod) => isOwnedBy(pod, set.metadata.uid));
}

function ordinalOf({ metadata }: Pod): number {
  return Number(/-(\d+)$/.exec(metadata.name)?.[1]);
}
