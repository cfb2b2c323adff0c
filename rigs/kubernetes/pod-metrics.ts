import { conditionOf, type KubeObject, type Pod, timeOf } from './kube-object.ts';

/** What a pod uses, as Kubernetes writes quantities: `250m`, `1Gi`. */
export interface Usage {
  readonly cpu: string;
  readonly memory: string;
}

/** A ready pod as metrics-server shows it; its first container is said to use it all. */
export function podMetricsOf(pod: Pod, usage: Usage, nowMs: number): KubeObject | undefined {
  if (conditionOf(pod, 'Ready')?.status !== 'True') return undefined;
  const { name, namespace, labels } = pod.metadata;
  const containers = pod.spec.containers as readonly { readonly name: string }[]; // pods have some
  return {
    apiVersion: 'metrics.k8s.io/v1beta1',
    kind: 'PodMetrics',
    metadata: { name, ...(namespace && { namespace }), ...(labels && { labels }) },
    timestamp: timeOf(nowMs),
    window: '15s',
    containers: containers.map((container, i) => ({
      name: container.name,
      usage: i === 0 ? usage : { cpu: '0', memory: '0' },
    })),
  };
}
