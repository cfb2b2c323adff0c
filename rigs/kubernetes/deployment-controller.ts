import { createHash } from 'node:crypto';
import { isOwnedBy, type Workload } from './kube-object.ts';
import { ownerReference } from './new-pod.ts';
import type { ObjectStore } from './object-store.ts';
import { DEPLOYMENTS, REPLICA_SETS } from './resources.ts';

const REVISION = 'deployment.kubernetes.io/revision';

/**
 * Keeps one ReplicaSet for each template of a Deployment. A new template gets so many replicas that there are `maxSurge` more than wanted (by default a
 * quarter, rounded up), and those of older ones go as the new ones become available; `maxUnavailable` is not heeded, as if it were 0.
 */
export function reconcileDeployments(store: ObjectStore): void {
  for (const object of store.list(DEPLOYMENTS)) {
    const deployment = object as Workload; // all under DEPLOYMENTS are
    const wanted = deployment.spec.replicas ?? 1;
    const sets = (store.list(REPLICA_SETS, deployment.metadata.namespace) as readonly Workload[]).filter(
      (set) => isOwnedBy(set, deployment.metadata.uid),
    );
    const name = `${deployment.metadata.name}-${templateHash(deployment)}`;
    const current = sets.find((set) => set.metadata.name === name);
    const others = sets.filter((set) => set !== current);
    const old = others.reduce((total, set) => total + (set.spec.replicas ?? 0), 0);
    const most = Math.max(0, Math.min(wanted, wanted + surgeOf(deployment, wanted) - old));
    const newest = Math.max(0, ...sets.map(revisionOf));
    if (current === undefined) store.create(REPLICA_SETS, replicaSet(deployment, name, most, newest + 1));
    // One that is gone back to is the newest again.
    else setReplicas(store, current, most, revisionOf(current) === newest ? newest : newest + 1);
    let surplus = Math.max(0, wanted - numberOf(current, 'availableReplicas'));
    for (const old of others) {
      const kept = Math.min(surplus, old.spec.replicas ?? 0);
      surplus -= kept;
      setReplicas(store, old, kept);
    }
    store.replace(DEPLOYMENTS, withStatus(deployment, current, sets));
  }
}

function withStatus(
  deployment: Workload,
  current: Workload | undefined,
  sets: readonly Workload[],
): Workload {
  const sum = (field: string) => sets.reduce((total, set) => total + numberOf(set, field), 0);
  const replicas = sum('replicas');
  const available = sum('availableReplicas');
  const status = {
    observedGeneration: deployment.metadata.generation,
    replicas,
    updatedReplicas: numberOf(current, 'replicas'),
    readyReplicas: sum('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, (deployment.spec.replicas ?? 1) - available),
    conditions: (current?.status?.conditions as readonly unknown[] | undefined) ?? [], // as the other controller writes them
  };
  return { ...deployment, metadata: unversioned(deployment), status };
}

/** A number of pods, or a part of the wanted ones such as `25%`. */
function surgeOf({ spec }: Workload, wanted: number): number {
  const { rollingUpdate } = (spec.strategy ?? {}) as {
    readonly rollingUpdate?: { readonly maxSurge?: number | string };
  }; // as kubectl's own schema has it
  const { maxSurge = '25%' } = rollingUpdate ?? {};
  return typeof maxSurge === 'number' ? maxSurge : Math.ceil((wanted * Number.parseFloat(maxSurge)) / 100);
}

function revisionOf({ metadata }: Workload): number {
  return Number(metadata.annotations?.[REVISION] ?? 0);
}

function replicaSet(deployment: Workload, name: string, replicas: number, revision: number): Workload {
  const { namespace } = deployment.metadata;
  const hash = { 'pod-template-hash': templateHash(deployment) };
  const { selector, template } = deployment.spec;
  const labels = { ...template.metadata?.labels, ...hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      ...(namespace && { namespace }),
      labels,
      annotations: { [REVISION]: String(revision) },
      ownerReferences: [ownerReference(deployment)],
    },
    spec: {
      replicas,
      selector: { matchLabels: { ...selector.matchLabels, ...hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

function setReplicas(
  store: ObjectStore,
  set: Workload,
  replicas: number,
  revision: number = revisionOf(set),
): void {
  if (set.spec.replicas === replicas && revisionOf(set) === revision) return;
  const annotations = { ...set.metadata.annotations, [REVISION]: String(revision) };
  const metadata = { ...unversioned(set), annotations };
  store.replace(REPLICA_SETS, { ...set, metadata, spec: { ...set.spec, replicas } });
}

function numberOf(set: Workload | undefined, field: string): number {
  return Number(set?.status?.[field] ?? 0);
}

function templateHash({ spec }: Workload): string {
  return createHash('sha256').update(JSON.stringify(spec.template)).digest('hex').slice(0, 10);
}

function unversioned({ metadata }: Workload) {
  const { resourceVersion: _, ...rest } = metadata;
  return rest;
}
