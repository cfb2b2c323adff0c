/** What is scaled. */
export interface KubernetesTarget {
  /** Such as `apps/v1`. */
  readonly apiVersion: string;
  /** Such as `Deployment`. */
  readonly kind: string;
  /** As it stands in paths, such as `deployments`. */
  readonly resource: string;
  readonly name: string;
  /** The credentials' own where it is undefined. */
  readonly namespace: string | undefined;
  /** Where its pods take requests. */
  readonly port: number;
  readonly path: string;
}

/** Such as `/apis/apps/v1/namespaces/default/deployments/djl-cpu`. */
export function pathOf({ apiVersion, resource, name }: KubernetesTarget, namespace: string): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${group}/namespaces/${encodeURIComponent(namespace)}/${resource}/${encodeURIComponent(name)}`;
}

/** For messages: `Deployment djl-cpu in namespace default`. */
export function describeTarget({ kind, name }: KubernetesTarget, namespace: string): string {
  return `${kind} ${name} in namespace ${namespace}`;
}

/** Whether pods can be told to be the next to go: ReplicaSets heed deletion costs; a StatefulSet always ends its highest number. */
export function choosesRemoved({ kind, apiVersion }: KubernetesTarget): boolean {
  return apiVersion.startsWith('apps/') && (kind === 'Deployment' || kind === 'ReplicaSet');
}
