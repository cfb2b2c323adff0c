import type { OwnerReference, Pod, Workload } from './kube-object.ts';

/** A pod of a workload's template, which nobody runs yet. */
export function newPod(owner: Workload, name: string): Pod {
  const { metadata: template = {}, spec } = owner.spec.template;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(owner.metadata.namespace && { namespace: owner.metadata.namespace }),
      ...(template.labels && { labels: template.labels }),
      ...(template.annotations && { annotations: template.annotations }),
      ownerReferences: [ownerReference(owner)],
    },
    spec: (spec ?? {}) as Pod['spec'], // a template's is a pod's
    status: { phase: 'Pending', conditions: [] },
  };
}

/** That the object belongs to it. */
export function ownerReference({ apiVersion, kind, metadata }: Workload): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true };
}

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** Five letters as Kubernetes draws them. `random` gives numbers from 0 to below 1. */
export function randomSuffix(random: () => number): string {
  return Array.from({ length: 5 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
}
