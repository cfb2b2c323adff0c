import { ApiStatus, conflict } from './api-status.ts';
import type { Workload } from './kube-object.ts';
import { selectorText } from './selectors.ts';

/** A workload as its `/scale` shows it. */
export function scaleOf({ metadata, spec, status }: Workload): Readonly<Record<string, unknown>> {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec.replicas ?? 1 },
    status: { replicas: status?.replicas ?? 0, selector: selectorText(spec.selector.matchLabels) },
  };
}

/** The workload with the count of a changed scale; its version, where it has one, must be the current one. */
export function withScale(workload: Workload, scale: unknown): Workload {
  const { metadata, spec } = scale as {
    metadata?: { resourceVersion?: string };
    spec?: { replicas?: unknown };
  }; // only read
  const { name, resourceVersion } = workload.metadata;
  if (metadata?.resourceVersion !== undefined && metadata.resourceVersion !== resourceVersion) {
    throw conflict(workload.kind.toLowerCase(), name);
  }
  const replicas = spec?.replicas ?? 0;
  if (!Number.isInteger(replicas) || Number(replicas) < 0) {
    const message = `Scale "${name}" is invalid: spec.replicas: Invalid value: ${String(replicas)}: must be greater than or equal to 0`;
    throw new ApiStatus(422, 'Invalid', message);
  }
  return { ...workload, spec: { ...workload.spec, replicas: Number(replicas) } };
}
