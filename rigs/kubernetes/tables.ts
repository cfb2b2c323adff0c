import { conditionOf, type KubeObject, type Pod, type Workload } from './kube-object.ts';
import type { Resource } from './resources.ts';

interface Column {
  readonly name: string;
  /** kubectl shows those above 0 with `-o wide` only. */
  readonly priority?: number;
  cell(object: KubeObject): string | number;
}

/** Objects as the table that `kubectl get` prints; undefined for kinds that it prints by name and age. */
export function tableOf(
  { plural }: Resource,
  objects: readonly KubeObject[],
  nowMs: number,
  metadata: unknown = {},
): unknown {
  const columns = COLUMNS[plural];
  if (columns === undefined) return undefined;
  const all = [{ name: 'Name', cell: nameOf }, ...columns, { name: 'Age', cell: ageAt(nowMs) }];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: all.map((column) => ({
      name: column.name,
      type: 'string',
      format: column.name === 'Name' ? 'name' : '',
      priority: 'priority' in column ? column.priority : 0,
    })),
    rows: objects.map((object) => ({ cells: all.map(({ cell }) => cell(object)), object })),
  };
}

const of = (name: string, cell: (object: KubeObject) => string | number, priority = 0): Column => ({
  name,
  cell,
  priority,
});
const status = (object: KubeObject, field: string) => Number((object as Workload).status?.[field] ?? 0); // of workloads
const wanted = (object: KubeObject) => (object as Workload).spec.replicas ?? 1; // of workloads
const pod = (object: KubeObject) => object as Pod; // of pods

/** Between name and age. */
const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  pods: [
    of('Ready', (object) => (conditionOf(pod(object), 'Ready')?.status === 'True' ? '1/1' : '0/1')),
    of('Status', (object) => (object.metadata.deletionTimestamp ? 'Terminating' : pod(object).status.phase)),
    of('IP', (object) => pod(object).status.podIP ?? '<none>', 1),
    of('Node', (object) => pod(object).spec.nodeName ?? '<none>', 1),
  ],
  deployments: [
    of('Ready', (object) => `${status(object, 'readyReplicas')}/${wanted(object)}`),
    of('Up-to-date', (object) => status(object, 'updatedReplicas')),
    of('Available', (object) => status(object, 'availableReplicas')),
  ],
  replicasets: [
    of('Desired', wanted),
    of('Current', (object) => status(object, 'replicas')),
    of('Ready', (object) => status(object, 'readyReplicas')),
  ],
  statefulsets: [of('Ready', (object) => `${status(object, 'readyReplicas')}/${wanted(object)}`)],
};

function nameOf({ metadata }: KubeObject): string {
  return metadata.name;
}

/** Seconds, minutes or hours, as long as they are two digits or so. */
function ageAt(nowMs: number): (object: KubeObject) => string {
  return ({ metadata }) => {
    const seconds = Math.max(0, Math.floor((nowMs - Date.parse(metadata.creationTimestamp ?? '')) / 1_000));
    if (seconds < 120) return `${seconds}s`;
    return seconds < 7_200 ? `${Math.floor(seconds / 60)}m` : `${Math.floor(seconds / 3_600)}h`;
  };
}
