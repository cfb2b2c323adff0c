import type { Pod } from './api-objects.ts';
import { pod as podSchema } from './api-schemas.ts';

interface PodParts {
  readonly name?: string;
  readonly uid?: string;
  readonly owner?: string | undefined;
  readonly ownerKind?: string;
  readonly cost?: string | undefined;
  readonly deleted?: boolean;
  readonly nodeName?: string;
  readonly createdAt?: string;
  readonly containers?: readonly unknown[];
  readonly status?: Readonly<Record<string, unknown>>;
}

/** A pod as the API server writes it, read by the schema: running since 2026 and ready, unless told otherwise. */
export function pod(parts: PodParts = {}): Pod {
  const { name = 'djl-abc12', uid = 'uid-1', owner = 'rs-1', ownerKind = 'ReplicaSet', cost } = parts;
  return podSchema.parse({
    metadata: {
      name,
      uid,
      creationTimestamp: parts.createdAt ?? '2026-01-01T00:00:00Z',
      ...(parts.deleted && { deletionTimestamp: '2026-01-01T00:10:00Z' }),
      ...(cost !== undefined && { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
      ownerReferences: [{ kind: ownerKind, name: 'owner', uid: owner, controller: true }],
    },
    spec: { nodeName: parts.nodeName, containers: parts.containers ?? [{ name: 'djl' }] },
    status: {
      phase: 'Running',
      podIP: '10.1.2.3',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:01:00Z' }],
      containerStatuses: [running('2026-01-01T00:00:05Z')],
      ...parts.status,
    },
  });
}

/** A container that runs since then. */
export function running(startedAt: string, restartCount = 0) {
  return { name: 'djl', restartCount, state: { running: { startedAt } } };
}

/** A container that can't start. */
export function waiting(reason: string, restartCount = 0) {
  return { name: 'djl', restartCount, state: { waiting: { reason } } };
}

/** The condition Ready, False since then. */
export function unready(since: string) {
  return { type: 'Ready', status: 'False', reason: 'ContainersNotReady', lastTransitionTime: since };
}
