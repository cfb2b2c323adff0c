import type { ObjectStore } from './object-store.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS, STATEFUL_SETS } from './resources.ts';

/** Deletes what belongs to a workload that is gone, as deleting in the background does. */
export function collectGarbage(store: ObjectStore): void {
  const owners = [DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS].flatMap((resource) => store.list(resource));
  const living = new Set(owners.map(({ metadata }) => metadata.uid));
  for (const resource of [REPLICA_SETS, PODS]) {
    for (const { metadata } of store.list(resource)) {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller);
      if (owner !== undefined && !living.has(owner.uid))
        store.delete(resource, metadata.namespace, metadata.name);
    }
  }
}
