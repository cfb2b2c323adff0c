/** A kind of object that the server knows. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  /** Whether it has the subresource `/scale`. */
  readonly scale: boolean;
}

const of =
  (group: string, version: string) =>
  (plural: string, kind: string, more: Partial<Resource> = {}): Resource => ({
    group,
    version,
    plural,
    kind,
    namespaced: true,
    shortNames: [],
    scale: false,
    ...more,
  });

const core = of('', 'v1');
const apps = of('apps', 'v1');
const rbac = of('rbac.authorization.k8s.io', 'v1');

export const PODS: Resource = core('pods', 'Pod', { shortNames: ['po'] });
export const DEPLOYMENTS: Resource = apps('deployments', 'Deployment', {
  shortNames: ['deploy'],
  scale: true,
});
export const REPLICA_SETS: Resource = apps('replicasets', 'ReplicaSet', { shortNames: ['rs'], scale: true });
export const STATEFUL_SETS: Resource = apps('statefulsets', 'StatefulSet', {
  shortNames: ['sts'],
  scale: true,
});
export const NODES: Resource = core('nodes', 'Node', { namespaced: false, shortNames: ['no'] });
export const NAMESPACES: Resource = core('namespaces', 'Namespace', {
  namespaced: false,
  shortNames: ['ns'],
});
export const AUTOSCALERS: Resource = of('autoscaling', 'v2')(
  'horizontalpodautoscalers',
  'HorizontalPodAutoscaler',
  {
    shortNames: ['hpa'],
  },
);
/** Made on demand, never kept: see `pod-metrics.ts`. */
export const POD_METRICS: Resource = of('metrics.k8s.io', 'v1beta1')('pods', 'PodMetrics');

/** All that are kept; nobody acts on those that no controller of the stand-in knows. */
export const RESOURCES: readonly Resource[] = [
  PODS,
  NODES,
  NAMESPACES,
  core('services', 'Service', { shortNames: ['svc'] }),
  core('configmaps', 'ConfigMap', { shortNames: ['cm'] }),
  core('secrets', 'Secret'),
  core('serviceaccounts', 'ServiceAccount', { shortNames: ['sa'] }),
  core('persistentvolumeclaims', 'PersistentVolumeClaim', { shortNames: ['pvc'] }),
  core('events', 'Event', { shortNames: ['ev'] }),
  DEPLOYMENTS,
  REPLICA_SETS,
  STATEFUL_SETS,
  AUTOSCALERS,
  rbac('roles', 'Role'),
  rbac('rolebindings', 'RoleBinding'),
  rbac('clusterroles', 'ClusterRole', { namespaced: false }),
  rbac('clusterrolebindings', 'ClusterRoleBinding', { namespaced: false }),
  of('policy', 'v1')('poddisruptionbudgets', 'PodDisruptionBudget', { shortNames: ['pdb'] }),
];

/** Such as `apps/v1`. */
export function groupVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}
